// Events that are true, and no dearer for who asks for none. The functions keep their names, so that a replica of before goes on.
import { type Kysely, sql } from 'kysely'

const statements = [
  // One check instead of two: every change of a session pays for each. Whoever refunds locks the session first, and reads that it
  // is settled.
  `ALTER TABLE voice_sessions
    DROP CONSTRAINT voice_sessions_check,
    DROP CONSTRAINT voice_sessions_refunded_check,
    ADD CONSTRAINT voice_sessions_charged_check CHECK (refunded BETWEEN 0 AND charged AND charged <= held) NOT VALID`,
  // When the last attempt failed: an endpoint that nothing was sent to for long is not one that has failed for long.
  'ALTER TABLE webhook_endpoints ADD COLUMN failed_at timestamptz',
  // How long it waits. Of what is on its way already it is now.
  'ALTER TABLE webhook_deliveries ADD COLUMN created_at timestamptz NOT NULL DEFAULT now()',
  // The free credits do not suffice: for a call at this price, or, without one, for the call that was ended. Whoever was granted
  // credits meanwhile is not told. Told again after the next grant, or a day.
  'DROP FUNCTION record_depleted(uuid)',
  `CREATE FUNCTION record_depleted(organization uuid, price bigint DEFAULT NULL) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    WITH depleted AS (
      UPDATE organizations SET depleted_at = now()
      WHERE id = organization AND events_since IS NOT NULL AND COALESCE(credits < price, true)
        AND (depleted_at IS NULL OR depleted_at NOT BETWEEN now() - interval '24 hours' AND now()) RETURNING id
    )
    SELECT COALESCE((SELECT record_event(id, 'credit.depleted', NULL, shown_credits(id)) FROM depleted), false)
  $$`,
  // Caller and agent are there both, for the first time. The session is changed first, which it is not but for its version: of two
  // who join at once, the second waits and sees both, or, where transactions see nothing newer, fails and is repeated. A session
  // that is not active has no caller yet, and must not be kept from becoming active.
  `CREATE OR REPLACE FUNCTION record_started(room text) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    UPDATE voice_sessions SET status = status WHERE room_name = room AND status = 'active'
      AND NOT EXISTS (SELECT FROM events WHERE room_name = room AND type = 'call.started');
    SELECT COALESCE((
      SELECT record_event(v.organization_id, 'call.started', room, shown_session(room)) FROM voice_sessions v
      WHERE v.room_name = room AND v.charged IS NULL
        AND NOT EXISTS (SELECT FROM events WHERE room_name = room AND type = 'call.started')
        AND (SELECT count(DISTINCT kind) FROM participants WHERE room_name = room AND left_at IS NULL) = 2
    ), false)
  $$`,
]

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
