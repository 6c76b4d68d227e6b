// Who was present, and when: what LiveKit told and what looks saw are kept apart, LiveKit's clock is compared with PostgreSQL's,
// and no talk counts after the verdict. Every column is new and has a constant default, so that no table is rewritten and a
// replica of before goes on.
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
    ADD COLUMN shown_at timestamptz,
    ADD COLUMN has_waited boolean NOT NULL DEFAULT false,
    ADD COLUMN broke_at timestamptz`,
  // Since when a participant is present: with the earliest event that proves it, never before the connection. An event that
  // comes after a look has shown them is too late to tell. Then, and without any event, presence begins with the connection, or
  // with that look, if an earlier look saw them wait. Null where neither told anything.
  `CREATE FUNCTION present_since(connected_at timestamptz, told_at timestamptz, shown_at timestamptz, has_waited boolean)
  RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT GREATEST(connected_at, CASE
      WHEN shown_at IS NULL OR told_at <= shown_at THEN told_at
      WHEN has_waited OR connected_at IS NULL THEN shown_at END)
  $$`,
  // When the presence of a participant was over; null while nobody told. A connection that broke was over before LiveKit
  // noticed, unless somebody of the same kind came after it: then half of it may have been alive, and LiveKit's time counts.
  `CREATE FUNCTION gone_at(joined_at timestamptz, left_at timestamptz, broke_at timestamptz, last_joined_at timestamptz)
  RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN broke_at IS NULL OR joined_at < last_joined_at THEN left_at ELSE GREATEST(joined_at, broke_at) END
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
    WITH people AS (
      SELECT p.kind, p.joined_at, p.left_at, v.ended_at,
             gone_at(p.joined_at, p.left_at, p.broke_at, max(p.joined_at) OVER (PARTITION BY p.kind)) AS gone_at,
             CASE WHEN until IS NULL THEN p.seen_at ELSE LEAST(until, p.seen_at + slack) END AS unseen_end
      FROM participants p JOIN voice_sessions v ON v.room_name = p.room_name WHERE p.room_name = room
    ),
    facts AS (
      SELECT kind, is_whole, joined_at, LEAST(ended_at, clock_timestamp(), GREATEST(joined_at,
        COALESCE(CASE WHEN is_whole THEN left_at ELSE gone_at END, unseen_end))) AS gone_at
      FROM people JOIN (VALUES (false), (true)) AS stay(is_whole) ON kind = 'caller' OR NOT is_whole
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
    WITH people AS (
      SELECT kind, joined_at, left_at, seen_at,
             gone_at(joined_at, left_at, broke_at, max(joined_at) OVER (PARTITION BY kind)) AS gone_at
      FROM participants WHERE room_name = room
    ),
    calls AS (
      SELECT max(joined_at) AS joined_at, CASE WHEN bool_and(left_at IS NOT NULL) FILTER (WHERE kind = 'caller')
        THEN max(gone_at) FILTER (WHERE kind = 'caller')
        ELSE COALESCE(until, max(seen_at) FILTER (WHERE kind = 'caller')) END AS ended_at
      FROM people
    )
    SELECT GREATEST(joined_at, ended_at) FROM calls WHERE ended_at IS NOT NULL
  $$`,
]

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
