// Who was present, and when: the time of the connection and of the first proof of presence are kept apart, LiveKit's clock is
// compared with PostgreSQL's, and no talk counts after the verdict. Every column is new and has a constant default, so that no
// table is rewritten and a replica of before goes on.
import { type Kysely, sql } from 'kysely'

const statements = [
  `ALTER TABLE voice_sessions
    ADD COLUMN worker_name text,
    ADD COLUMN clock_offset_ms bigint NOT NULL DEFAULT 0,
    ADD COLUMN waiting_since timestamptz,
    ADD COLUMN settled_at timestamptz`,
  `ALTER TABLE participants
    ADD COLUMN connected_at timestamptz,
    ADD COLUMN told_at timestamptz,
    ADD COLUMN broke_at timestamptz`,
  // When the presence of one participant was over; null while nobody told. A connection that broke was over before LiveKit
  // noticed, unless somebody of the same kind came after it: then half of it may have been alive, and LiveKit's time counts.
  `CREATE FUNCTION gone_at(participant participants) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN participant.broke_at IS NULL OR EXISTS (
        SELECT 1 FROM participants later WHERE later.room_name = participant.room_name
          AND later.kind = participant.kind AND later.joined_at > participant.joined_at)
      THEN participant.left_at ELSE GREATEST(participant.joined_at, participant.broke_at) END
  $$`,
  `CREATE FUNCTION seconds_in(spans tstzmultirange) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(sum(EXTRACT(EPOCH FROM upper(span) - lower(span))), 0) FROM unnest(spans) AS one(span)
  $$`,
  // The only definition of billable time, in seconds: caller and agent both in the room, never after the verdict, and never in
  // the future, as times from before PostgreSQL's clock was set back may be. An end that nobody saw counts until `until`, but at
  // most `slack` after the participant was last seen; where `until` is null, until last seen. What a caller's broken connection
  // gives back leaves a second: whoever breaks half of it on purpose would else talk for nothing with the other half. VOLATILE,
  // so that a statement which waited for a lock sees the newest facts.
  `CREATE OR REPLACE FUNCTION talk_seconds(room text, until timestamptz, slack interval DEFAULT NULL) RETURNS numeric LANGUAGE sql VOLATILE AS $$
    WITH facts AS (
      SELECT p.kind, p.joined_at, stay.is_whole, LEAST(v.ended_at, clock_timestamp(), GREATEST(p.joined_at, COALESCE(
        CASE WHEN stay.is_whole THEN p.left_at ELSE gone_at(p) END,
        CASE WHEN until IS NOT NULL THEN LEAST(until, p.seen_at + slack) END, p.seen_at))) AS gone_at
      FROM participants p JOIN voice_sessions v ON v.room_name = p.room_name
      JOIN (VALUES (false), (true)) AS stay(is_whole) ON p.kind = 'caller' OR NOT stay.is_whole
      WHERE p.room_name = room
    ),
    presence AS (SELECT kind, is_whole, tstzrange(LEAST(joined_at, gone_at), gone_at) AS period FROM facts),
    periods AS (
      SELECT range_agg(period) FILTER (WHERE kind = 'caller' AND NOT is_whole) AS callers,
             range_agg(period) FILTER (WHERE is_whole) AS whole_callers,
             range_agg(period) FILTER (WHERE kind = 'agent') AS agents FROM presence
    )
    SELECT GREATEST(seconds_in(callers * agents), LEAST(1, seconds_in(whole_callers * agents))) FROM periods
  $$`,
  // When the call of a session without a verdict ended: when the last caller left; where nobody saw that, at `until`, or when
  // a caller was last seen; never before a join. Null where none of these is known.
  `CREATE FUNCTION call_ended_at(room text, until timestamptz) RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    WITH calls AS (
      SELECT max(p.joined_at) AS joined_at, CASE WHEN bool_and(p.left_at IS NOT NULL) FILTER (WHERE p.kind = 'caller')
        THEN max(gone_at(p)) FILTER (WHERE p.kind = 'caller')
        ELSE COALESCE(until, max(p.seen_at) FILTER (WHERE p.kind = 'caller')) END AS ended_at
      FROM participants p WHERE p.room_name = room
    )
    SELECT GREATEST(joined_at, ended_at) FROM calls WHERE ended_at IS NOT NULL
  $$`,
]

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
