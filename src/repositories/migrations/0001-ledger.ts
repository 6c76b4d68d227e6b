// The tables: who may call (organizations, keys, agents), the credits granted, and the sessions that hold and spend them.
// voice_sessions is the ledger itself. In every snapshot, per organization:
//   sum(grants) = credits + sum(held of open sessions) + sum(charged of ended ones), and open_sessions counts the open ones.
import { type Kysely, sql } from 'kysely'

const statements = [
  `CREATE TABLE organizations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (name ~ '\\S'),
    credits bigint NOT NULL DEFAULT 0 CHECK (credits BETWEEN 0 AND 9007199254740991),
    open_sessions int NOT NULL DEFAULT 0 CHECK (open_sessions >= 0),
    max_sessions int NOT NULL DEFAULT 100 CHECK (max_sessions >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
  ) WITH (fillfactor = 50)`,
  `CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    prefix text NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations,
    user_id text NOT NULL CHECK (user_id ~ '^[A-Za-z0-9._-]{1,128}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
  )`,
  'CREATE INDEX ON api_keys (organization_id, created_at)',
  `CREATE TABLE agents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organizations,
    name text NOT NULL CHECK (name ~ '\\S'),
    architecture text NOT NULL,
    credits_per_minute bigint NOT NULL CHECK (credits_per_minute BETWEEN 1 AND 9007199254740991),
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
  )`,
  'CREATE INDEX ON agents (organization_id, created_at)',
  `CREATE TABLE credit_grants (
    id text PRIMARY KEY CHECK (id ~ '\\S'),
    organization_id uuid NOT NULL REFERENCES organizations,
    amount bigint NOT NULL CHECK (amount <> 0 AND abs(amount) <= 9007199254740991),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX ON credit_grants (organization_id)',
  `CREATE TABLE voice_sessions (
    room_name text PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    api_key_id uuid NOT NULL REFERENCES api_keys,
    user_id text NOT NULL,
    agent_id uuid NOT NULL REFERENCES agents,
    agent_name text NOT NULL,
    idempotency_key text,
    status text NOT NULL DEFAULT 'creating' CHECK (status IN ('creating', 'active', 'ended')),
    attempt int NOT NULL DEFAULT 1,
    wake_at timestamptz NOT NULL,
    room_sid text,
    lost_since timestamptz,
    rate bigint NOT NULL CHECK (rate > 0),
    held bigint NOT NULL CHECK (held > 0),
    seconds_billed int,
    charged bigint CHECK (charged BETWEEN 0 AND held),
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    end_reason text,
    CHECK ((status = 'ended') = (charged IS NOT NULL)),
    UNIQUE (organization_id, user_id, idempotency_key)
  )`,
  `COMMENT ON COLUMN voice_sessions.attempt IS 'fence: who may change the session next'`,
  `COMMENT ON COLUMN voice_sessions.wake_at IS 'when the session has to be looked at'`,
  `COMMENT ON COLUMN voice_sessions.rate IS 'credits per started minute'`,
  "CREATE INDEX ON voice_sessions (wake_at) WHERE status <> 'ended'",
  'CREATE INDEX ON voice_sessions (organization_id, created_at DESC, room_name DESC)',
  "CREATE INDEX ON voice_sessions (organization_id) WHERE status <> 'ended'",
  `CREATE TABLE participants (
    sid text PRIMARY KEY,
    room_name text NOT NULL REFERENCES voice_sessions,
    kind text NOT NULL CHECK (kind IN ('caller', 'agent')),
    identity text NOT NULL,
    joined_at timestamptz NOT NULL,
    left_at timestamptz,
    seen_at timestamptz NOT NULL
  )`,
  'CREATE INDEX ON participants (room_name)',
  // The only definition of billable time, in seconds: caller and agent both in the room. An end that nobody saw counts until
  // `until`, but at most `slack` after the participant was last seen; where `until` is null, until last seen. VOLATILE, so
  // that a statement which waited for a lock sees the newest facts.
  `CREATE FUNCTION talk_seconds(room text, until timestamptz, slack interval DEFAULT NULL) RETURNS numeric LANGUAGE sql VOLATILE AS $$
    WITH presence AS (
      SELECT kind, tstzrange(joined_at, GREATEST(joined_at,
        COALESCE(left_at, CASE WHEN until IS NOT NULL THEN LEAST(until, seen_at + slack) END, seen_at))) AS period
      FROM participants WHERE room_name = room
    )
    SELECT COALESCE(sum(EXTRACT(EPOCH FROM upper(span) - lower(span))), 0) FROM unnest((
      SELECT range_agg(period) FILTER (WHERE kind = 'caller') * range_agg(period) FILTER (WHERE kind = 'agent') FROM presence
    )) AS overlap(span)
  $$`,
]

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
