// Calls that are under way: as rows of the ledger, exactly as the service would have left them, and as LiveKit has them. Both
// follow from a call's number, so that neither side has to be told of each call.
import { sql } from 'kysely'
import type { Customer } from '../accept/customer.ts'
import { agentName } from '../accept/postgres-and-livekit.ts'
import type { Db } from '../src/repositories/schema.ts'
import { calmLookSeconds, firstLookSeconds } from '../src/timings.ts'
import { joinedAfter, type RoomFacts } from './livekit-answers.ts'

/** So many calls, numbered from 0, of these customers in turn. */
export interface Calls {
  count: number
  /** Whose they are. */
  customers: Pick<Customer, 'agentId' | 'userId' | 'organizationId'>[]
  /** Unix milliseconds at which they have the ages below. */
  at: number
  /** How old a call is, in milliseconds: `least + (number * step) % span`. */
  least: number
  step: number
  span: number
}

/** Their names must be none that the service gives: those hold the time of the create. */
const firstTimestamp = 1_700_000_000_000
/** Created so long before its first look, which comes up to a round of the reaper late. */
const firstLook = firstLookSeconds + 2

/** Between one and a half and 25 minutes old: looked at once a minute, the next looks spread evenly over the minute. */
export const calmCalls = (customers: Customer[], count: number): Calls => {
  return { count, customers, at: Date.now(), least: (firstLook + 60) * 1000, step: 611_953, span: 1_440_000 }
}

/** As many as are under way where calls of so many milliseconds begin at an even pace. */
export const passingCalls = (customers: Customer[], count: number, milliseconds: number): Calls => {
  const span = milliseconds - 1000
  return { count, customers, at: Date.now(), least: 1000, step: Math.floor(span / count), span }
}

/** LiveKit's room of the call with this number. */
export function roomFactsOf(
  { customers, at, least, step, span }: Calls,
  number: number,
): RoomFacts & { userId: string } {
  const { agentId, userId } = customers[number % customers.length] as Calls['customers'][0]
  const madeAt = at - least - ((number * step) % span)
  const name = `agent_${agentId}_${userId}_${firstTimestamp + number}`
  return { name, id: String(number).padStart(12, '0'), madeAt, userId }
}

/**
 * Writes them down. Talking from the caller's join on, a call is first looked at after 17 s, then every 60 s; five minutes are
 * held ahead at the first look, and four more at every fourth: then less than `extendBelowSeconds` is left.
 */
export async function writeCalls(db: Db, { count, customers, at, least, step, span }: Calls): Promise<void> {
  const look = sql`interval '1 s' * ${calmLookSeconds}::int`
  const first = sql`interval '1 s' * ${firstLook}::int`
  const after = (milliseconds: number) => sql`made_at + interval '1 ms' * ${milliseconds}::int`
  await sql`
    CREATE TEMPORARY TABLE live AS
    WITH customer AS (
      SELECT c.ordinality - 1 AS place, o.id AS organization_id, k.id AS api_key_id, k.user_id, a.id AS agent_id, a.name,
             a.version, a.credits_per_minute AS rate
      FROM unnest(${customers.map(({ organizationId }) => organizationId)}::uuid[]) WITH ORDINALITY AS c (id)
      JOIN organizations o ON o.id = c.id JOIN api_keys k ON k.organization_id = o.id
      JOIN agents a ON a.organization_id = o.id
    ),
    call AS (
      SELECT customer.*, i, lpad(i::text, 12, '0') AS id,
             to_timestamp(${at}::float8 / 1000) - interval '1 ms' * (${least}::int + i::bigint * ${step}::int % ${span}::int) AS made_at
      FROM generate_series(0, ${count - 1}::int) i JOIN customer ON place = i % ${customers.length}::int
    )
    SELECT call.*, 'agent_' || agent_id || '_' || user_id || '_' || ${firstTimestamp}::bigint + i AS room_name,
           floor(EXTRACT(EPOCH FROM to_timestamp(${at}::float8 / 1000) - made_at - ${first}) / ${calmLookSeconds}::int)::int AS looks
    FROM call`.execute(db)
  await sql`
    INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, agent_version, status,
                                attempt, wake_at, room_sid, worker_name, rate, held, max_call_minutes, created_at, request_id)
    SELECT room_name, organization_id, api_key_id, user_id, agent_id, name, version, 'active', 2 + looks,
           made_at + CASE WHEN looks < 0 THEN interval '1 s' * ${firstLookSeconds}::int ELSE ${first} + (1 + looks) * ${look} END,
           'RM_' || id, ${agentName}, rate, rate * CASE WHEN looks < 0 THEN 1 ELSE 6 + 4 * (looks / 4) END, 60, made_at,
           gen_random_uuid()
    FROM live`.execute(db)
  for (const kind of ['caller', 'agent'] as const)
    await sql`
      INSERT INTO participants (sid, room_name, kind, identity, connected_at, told_at, shown_at, joined_at, seen_at)
      SELECT ${kind === 'agent' ? 'PA_A' : 'PA_C'} || substr(id, 2), room_name, ${kind},
             CASE WHEN ${kind} = 'agent' THEN 'agent-AJ_' || id ELSE user_id END, joined_at, joined_at,
             CASE WHEN looks >= 0 THEN made_at + ${first} END, joined_at,
             CASE WHEN looks < 0 THEN joined_at ELSE made_at + ${first} + looks * ${look} END
      FROM live, LATERAL (SELECT ${after(joinedAfter[kind])} AS joined_at) AS joined`.execute(db)
  await sql`
    UPDATE organizations o SET credits = credits - s.held, open_sessions = s.count
    FROM (SELECT organization_id, sum(held) AS held, count(*) AS count FROM voice_sessions GROUP BY 1) AS s
    WHERE s.organization_id = o.id`.execute(db)
  await sql`INSERT INTO webhook_arrival (last_at) VALUES (now())`.execute(db)
  await sql`DROP TABLE live`.execute(db)
  await sql`VACUUM ANALYZE`.execute(db)
}
