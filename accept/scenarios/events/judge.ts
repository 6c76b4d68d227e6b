// What the receivers got, judged by the tables alone: this shares no code with the service.
import pg from 'pg'
import { must } from '../../check.ts'
import type { Receiver } from '../../receiver.ts'

interface Row {
  room_name: string
  agent_id: string
  agent_name: string
  agent_version: number
  user_id: string
  created_ms: number
  ended_ms: number
  caller_ms: number | null
  agent_ms: number | null
  rate: number
  seconds_billed: number
  charged: number
  end_reason: string
  request_id: string
}

const milliseconds = (column: string) => `trunc(extract(epoch FROM ${column}) * 1000)::float8`
const firstJoin = (kind: string) =>
  `(SELECT ${milliseconds('min(joined_at)')} FROM participants p WHERE p.room_name = v.room_name AND kind = '${kind}')`

const select = `
  SELECT room_name, agent_id, agent_name, agent_version, user_id, request_id, end_reason, seconds_billed,
         rate::float8 AS rate, charged::float8 AS charged, ${milliseconds('created_at')} AS created_ms,
         ${milliseconds('ended_at')} AS ended_ms, ${firstJoin('caller')} AS caller_ms, ${firstJoin('agent')} AS agent_ms
  FROM voice_sessions v WHERE organization_id = $1 AND charged IS NOT NULL`

const moment = (at: number | null) => (at === null ? undefined : new Date(at).toISOString())

/** What the document says that getVoiceSession answers of an ended session without context. */
function shown(row: Row): Record<string, unknown> {
  const { room_name, agent_id, agent_name, agent_version, user_id, request_id, end_reason, seconds_billed } = row
  const joins = { caller_joined_at: moment(row.caller_ms), agent_joined_at: moment(row.agent_ms) }
  const session = {
    ...{ room_name, agent_id, agent_name, agent_version, user_id, request_id, end_reason, seconds_billed, ...joins },
    status: 'ended',
    created_at: moment(row.created_ms),
    ended_at: moment(row.ended_ms),
    credits_per_minute: row.rate,
    credits_charged: row.charged,
  }
  return Object.fromEntries(Object.entries(session).filter(([, value]) => value !== undefined))
}

const sorted = (value: Record<string, unknown>) => JSON.stringify(Object.entries(value).sort())

/** The accepted bodies of a type, by room; one id and one body for each, however often it came. */
function acceptedOf({ received }: Receiver, type: string): Map<string, Record<string, unknown>> {
  const byId = new Map<string, string>()
  const byRoom = new Map<string, { id: string; data: Record<string, unknown> }>()
  for (const { id, body, status } of received) {
    must((byId.get(id) ?? body) === body, `${id} came with two bodies`)
    byId.set(id, body)
    const event = JSON.parse(body)
    must(event.id === id, `the header says ${id}, the body ${event.id}`)
    if (event.type !== type || status < 200 || status > 299) continue
    const known = byRoom.get(event.data.room_name)
    must((known?.id ?? id) === id, `${event.data.room_name} has two events ${type}`)
    byRoom.set(event.data.room_name, { id, data: event.data })
  }
  return new Map([...byRoom].map(([room, { data }]) => [room, data]))
}

/** Each ended session's call.ended was accepted, and says what the tables say; how many there were. */
export async function judgeEnds(url: string, organizationId: string, receiver: Receiver): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<Row>(select, [organizationId])
  await client.end()
  const ends = acceptedOf(receiver, 'call.ended')
  for (const row of rows) {
    const data = ends.get(row.room_name)
    must(data !== undefined, `the end of ${row.room_name} was not delivered`)
    const expected = shown(row)
    must(sorted(data) === sorted(expected), `told ${sorted(data)} instead of ${sorted(expected)}`)
  }
  const failed = rows.filter((row) => /^(agent_unavailable|create_failed|create_abandoned)$/.test(row.end_reason))
  const failures = acceptedOf(receiver, 'call.failed')
  for (const { room_name } of failed) must(failures.has(room_name), `the failure of ${room_name} was not delivered`)
  must(
    ends.size === rows.length && failures.size === failed.length,
    'an event of a session that has not ended was told',
  )
  must(receiver.forged === 0, `${receiver.forged} were not well signed`)
  return rows.length
}
