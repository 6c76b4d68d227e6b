// Calls of other days, through the ledger's own settlement: what a test says of their times is all that is not real.
import { sql } from 'kysely'
import { settle } from '../src/repositories/ledger.ts'
import type { Service } from './helper.ts'

export interface PastCall {
  agent_id: string
  user_identifier: string | null
  ended_at: Date
  /** For how long caller and agent talked before that. */
  seconds: number
  /** Credits of its price that are given back. */
  refunded?: number
  /** It is not settled. The service looks at it after 80 s: what is further away than 90 it takes for due. */
  isOpen?: boolean
}

const rate = 10
/** Before the talk the caller waited. */
const waitMilliseconds = 60_000
let made = 1_700_000_000_000

/** Makes the calls, each of which held enough, settles and refunds them; their room names. */
export async function play({ db, organization }: Service, calls: PastCall[]): Promise<string[]> {
  const rooms: string[] = []
  for (const { agent_id, user_identifier, ended_at, seconds, refunded = 0, isOpen = false } of calls) {
    const room = `agent_${agent_id}_${organization.userId}_${++made}`
    rooms.push(room)
    const talked_at = new Date(ended_at.getTime() - seconds * 1000)
    const created_at = new Date(talked_at.getTime() - waitMilliseconds)
    const held = rate * Math.max(1, Math.ceil(seconds / 60))
    await sql`
      WITH o AS (
        UPDATE organizations SET credits = credits - ${held}, open_sessions = open_sessions + 1
        WHERE id = ${organization.id} RETURNING id
      )
      INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, status, wake_at, rate,
                                  held, created_at, ended_at, end_reason, user_identifier)
      SELECT ${room}, o.id, ${organization.keyId}, ${organization.userId}, ${agent_id}, 'A', 'active', now() + interval '80 s',
             ${rate}, ${held}, ${created_at}, ${ended_at}, 'caller_left', ${user_identifier} FROM o`.execute(db)
    await sql`
      INSERT INTO participants (sid, room_name, kind, identity, joined_at, left_at, seen_at)
      SELECT 'PA_' || kind || ${room}, ${room}, kind, 'x', ${talked_at}, ${ended_at}, ${ended_at}
      FROM unnest(ARRAY['caller', 'agent']) AS kind`.execute(db)
    if (isOpen) continue
    await settle(db, room, { end_reason: 'caller_left', until: 'unknown' })
    if (refunded === 0) continue
    await sql`
      WITH g AS (
        INSERT INTO credit_grants (id, organization_id, amount, room_name)
        VALUES (${room}, ${organization.id}, ${refunded}, ${room}) RETURNING amount
      ), o AS (UPDATE organizations SET credits = credits + amount FROM g WHERE organizations.id = ${organization.id})
      UPDATE voice_sessions SET refunded = amount FROM g WHERE voice_sessions.room_name = ${room}`.execute(db)
  }
  return rooms
}

/** All pages of usage, with the number of open calls that each says. */
export async function usageOf({ get }: Service, values: Record<string, string>) {
  // biome-ignore lint/suspicious/noExplicitAny: an answer
  const pages: any[] = []
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({ ...values, ...(cursor !== undefined && { cursor }) })
    const { status, json } = await get(`/v1/usage?${query}`)
    if (status !== 200) throw new Error(`${status} ${json.detail}`)
    pages.push(json)
    cursor = json.next_cursor
  } while (cursor !== undefined)
  return { pages, rows: pages.flatMap(({ rows }) => rows) }
}
