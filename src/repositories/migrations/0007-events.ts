// Events: an organization is told when a call starts or ends and when its credits run low. The statement that changes the ledger
// writes the event, and what is to be delivered of it, in the same transaction, by one of the functions here. An organization
// without `events_since` writes nothing. Every new column of an older table is null or a constant, so that no table is rewritten
// and a replica of before goes on; it writes no events until it is replaced.
import { type Kysely, sql } from 'kysely'

const tables = [
  // events_since: since when events are recorded, which is while there is an endpoint or records_events. low_at: below so many
  // free credits they are low; null where that was told. depleted_at: when it was last told that they do not suffice.
  `ALTER TABLE organizations
    ADD COLUMN records_events boolean NOT NULL DEFAULT false,
    ADD COLUMN events_since timestamptz,
    ADD COLUMN low_at bigint,
    ADD COLUMN depleted_at timestamptz`,
  // A refund is a grant that is tied to a session.
  `ALTER TABLE credit_grants
    ADD COLUMN granted_by text,
    ADD COLUMN room_name text,
    ADD COLUMN reason text`,
  'CREATE INDEX credit_grants_room_name_idx ON credit_grants (room_name) WHERE room_name IS NOT NULL',
  'ALTER TABLE voice_sessions ADD COLUMN refunded bigint NOT NULL DEFAULT 0',
  // Every row there is has 0: it is not looked at.
  'ALTER TABLE voice_sessions ADD CONSTRAINT voice_sessions_refunded_check CHECK (refunded BETWEEN 0 AND COALESCE(charged, 0)) NOT VALID',
  `CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organizations,
    url text NOT NULL,
    events text[],
    secret text NOT NULL,
    previous_secret text,
    previous_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    failing_since timestamptz, paused_until timestamptz,
    disabled_at timestamptz, disabled_reason text
  )`,
  'CREATE INDEX ON webhook_endpoints (organization_id, created_at)',
  `CREATE TABLE events (
    id text PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    type text NOT NULL,
    room_name text,
    created_at timestamptz NOT NULL DEFAULT now(),
    body text NOT NULL,
    UNIQUE (room_name, type)
  )`,
  'CREATE INDEX ON events (organization_id, created_at DESC, id DESC)',
  'CREATE INDEX ON events (organization_id, type, created_at DESC, id DESC)',
  'CREATE INDEX ON events (created_at)',
  `CREATE TABLE webhook_deliveries (
    event_id text NOT NULL REFERENCES events ON DELETE CASCADE,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    attempt int NOT NULL DEFAULT 0,
    tries int NOT NULL DEFAULT 0,
    wake_at timestamptz DEFAULT now(),
    tried_at timestamptz, answer_status int, failure text,
    delivered_at timestamptz,
    given_up_at timestamptz,
    PRIMARY KEY (event_id, endpoint_id)
  )`,
  "COMMENT ON COLUMN webhook_deliveries.attempt IS 'fence: who may change the delivery next'",
  "COMMENT ON COLUMN webhook_deliveries.tries IS 'attempts of the schedule so far; a redelivery begins it anew'",
  "COMMENT ON COLUMN webhook_deliveries.wake_at IS 'when it is tried next; null once it is delivered or given up'",
  'CREATE INDEX webhook_deliveries_due_idx ON webhook_deliveries (endpoint_id, wake_at) WHERE wake_at IS NOT NULL',
]

const functions = [
  // A moment as the wire shows it, whatever DateStyle and TimeZone are.
  `CREATE FUNCTION shown_moment(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  $$`,
  // The VoiceSession of openapi.yaml, as getVoiceSession answers it.
  `CREATE FUNCTION shown_session(room text) RETURNS json LANGUAGE sql VOLATILE AS $$
    SELECT json_build_object(
      'room_name', v.room_name, 'agent_id', v.agent_id, 'agent_name', v.agent_name, 'user_id', v.user_id,
      'status', v.status, 'created_at', shown_moment(v.created_at),
      'caller_joined_at', shown_moment(p.caller_joined_at), 'agent_joined_at', shown_moment(p.agent_joined_at),
      'agent_version', v.agent_version, 'user_identifier', v.user_identifier, 'metadata', v.metadata,
      'credits_per_minute', v.rate, 'request_id', v.request_id,
      'credits_held', CASE WHEN v.charged IS NULL THEN v.held END,
      'ended_at', CASE WHEN v.charged IS NOT NULL THEN shown_moment(v.ended_at) END,
      'end_reason', CASE WHEN v.charged IS NOT NULL THEN v.end_reason END,
      'seconds_billed', v.seconds_billed, 'credits_charged', v.charged, 'credits_refunded', NULLIF(v.refunded, 0))
    FROM voice_sessions v, LATERAL (
      SELECT min(joined_at) FILTER (WHERE kind = 'caller') AS caller_joined_at,
             min(joined_at) FILTER (WHERE kind = 'agent') AS agent_joined_at
      FROM participants WHERE room_name = v.room_name
    ) AS p
    WHERE v.room_name = room
  $$`,
  // The Credits of openapi.yaml, as getCredits answers them.
  `CREATE FUNCTION shown_credits(organization uuid) RETURNS json LANGUAGE sql VOLATILE AS $$
    SELECT json_build_object('available', o.credits, 'held', COALESCE((
        SELECT sum(held) FROM voice_sessions v WHERE v.organization_id = o.id AND v.charged IS NULL), 0),
      'open_sessions', o.open_sessions, 'max_sessions', o.max_sessions)
    FROM organizations o WHERE o.id = organization
  $$`,
  // Writes an event, once for a room and type, and that it is to be delivered to each endpoint that wants it. An endpoint that is
  // being deleted is waited for: afterwards it is none.
  `CREATE FUNCTION record_event(organization uuid, event_type text, room text, data json) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    WITH event AS (
      INSERT INTO events (id, organization_id, type, room_name, body)
      SELECT id, organization, event_type, room, json_strip_nulls(json_build_object('id', id, 'type', event_type,
        'created', shown_moment(now()), 'organization_id', organization, 'data', data))::text
      FROM (SELECT 'evt_' || replace(gen_random_uuid()::text, '-', '') AS id) AS named
      ON CONFLICT (room_name, type) DO NOTHING RETURNING id
    ),
    delivery AS (
      INSERT INTO webhook_deliveries (event_id, endpoint_id)
      SELECT event.id, w.id FROM event, webhook_endpoints w
      WHERE w.organization_id = organization AND (w.events IS NULL OR event_type = ANY (w.events)) FOR KEY SHARE OF w
    )
    SELECT EXISTS (SELECT FROM event)
  $$`,
  // Caller and agent are there both, for the first time. The session is locked first: of two who join at once, the second to lock
  // it sees both.
  `CREATE FUNCTION record_started(room text) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT FROM voice_sessions WHERE room_name = room FOR NO KEY UPDATE;
    SELECT COALESCE((
      SELECT record_event(v.organization_id, 'call.started', room, shown_session(room)) FROM voice_sessions v
      WHERE v.room_name = room AND v.charged IS NULL
        AND NOT EXISTS (SELECT FROM events WHERE room_name = room AND type = 'call.started')
        AND (SELECT count(DISTINCT kind) FROM participants WHERE room_name = room AND left_at IS NULL) = 2
    ), false)
  $$`,
  // The free credits are low. Told once until the next grant.
  `CREATE FUNCTION record_low(organization uuid) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    WITH low AS (UPDATE organizations SET low_at = NULL WHERE id = organization AND credits < low_at RETURNING id)
    SELECT COALESCE((SELECT record_event(id, 'credit.low', NULL, shown_credits(id)) FROM low), false)
  $$`,
  // The free credits do not suffice for a call. Told again after the next grant, or a day.
  `CREATE FUNCTION record_depleted(organization uuid) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    WITH depleted AS (
      UPDATE organizations SET depleted_at = now() WHERE id = organization AND events_since IS NOT NULL
        AND (depleted_at IS NULL OR depleted_at NOT BETWEEN now() - interval '24 hours' AND now()) RETURNING id
    )
    SELECT COALESCE((SELECT record_event(id, 'credit.depleted', NULL, shown_credits(id)) FROM depleted), false)
  $$`,
  // The session was settled.
  `CREATE FUNCTION record_ended(room text) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT record_event(organization_id, 'call.ended', room, shown_session(room)) FROM voice_sessions WHERE room_name = room;
    SELECT record_event(organization_id, 'call.failed', room, shown_session(room)) FROM voice_sessions
    WHERE room_name = room AND end_reason IN ('agent_unavailable', 'create_failed', 'create_abandoned');
    SELECT record_depleted(organization_id) FROM voice_sessions WHERE room_name = room AND end_reason = 'credits_exhausted';
    SELECT true
  $$`,
]

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of [...tables, ...functions]) await sql.raw(statement).execute(db)
}
