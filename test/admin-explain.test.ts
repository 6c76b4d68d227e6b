// The history of one call, in order, and what to look for in the log.
import t from 'tap'
import { chargedSession } from './charged.ts'
import { admin, refuses, timePattern } from './command-line.ts'
import { createEndpoint, delivered, givenUp, setDeliveries } from './endpoints.ts'
import { build, cloneDatabase } from './helper.ts'
import { query } from './processes.ts'
import { recorded } from './recorded.ts'

interface Step {
  at: string
  what: string
}

t.test('explain prints what happened to a call, the oldest first', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const endpoints = []
  for (let n = 0; n < 4; n++) endpoints.push((await createEndpoint(t, service)).id)
  const [taken, lost, off, open] = endpoints
  const room = await chargedSession(service)
  await query('UPDATE participants SET left_at = seen_at, connected_at = joined_at WHERE kind = $1', ['caller'], url)
  await admin(
    t,
    url,
    ...['credits', 'refund', '--room', room, '--amount', '4', '--reason', 'noise', '--id', 'ticket 7'],
  )
  await setDeliveries(taken, delivered)
  await setDeliveries(lost, givenUp)
  await admin(t, url, ...['webhook', 'update', '--id', off, '--disable'])
  const explained = await admin(t, url, 'explain', '--room', room)
  const { history, ...rest } = explained
  const { json } = await service.get(`/v1/chat/voice-sessions/${room}`)
  t.strictSame(rest, {
    ...{ room_name: room, organization_id: service.organization.id, status: 'ended', end_reason: 'caller_left' },
    look_in_the_log_for: [`"room_name":"${room}"`, `"reqId":"${json.request_id}"`],
  })
  const at = history.map(({ at }: Step) => at)
  for (const moment of at) t.match(moment, timePattern)
  t.strictSame(at, [...at].sort(), 'in order')
  const step = (what: string) => history.find((each: Step) => each.what === what)
  const [event] = await recorded(service)
  const steps: Record<string, object> = {
    created: { request_id: json.request_id, user_id: 'user123', worker_name: 'voice-agent', rate: 10 },
    caller_connected: { identity: 'user123' },
    caller_joined: { told_at: null, shown_at: null },
    agent_joined: {},
    caller_left: { broke_at: null },
    verdict: { end_reason: 'caller_left' },
    settled: { seconds_billed: json.seconds_billed, held: 10, charged: 10, returned: 0 },
    event: { event_id: event.id, type: 'call.ended' },
    refunded: { id: 'ticket 7', amount: 4, granted_by: null, reason: 'noise' },
    delivered: { endpoint_id: taken, event_id: event.id, tries: 1, answer_status: 204, next_at: null },
    delivery_given_up: { endpoint_id: lost, tries: 10, answer_status: 500, failure: 'status' },
    delivery_waits_for_disabled_endpoint: { endpoint_id: off, tries: 0 },
    delivery_pending: { endpoint_id: open, tries: 0, answer_status: null, next_at: timePattern },
  }
  for (const [what, details] of Object.entries(steps)) t.match(step(what), details, what)
  t.strictSame(new Set(history.map(({ what }: Step) => what)), new Set(Object.keys(steps)), 'and nothing else')
})

t.test('explain says when an open call is looked at next; one of before has no request to look for', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const { json } = await service.create()
  await query('UPDATE voice_sessions SET request_id = NULL WHERE room_name = $1', [json.room_name], url)
  const { history, ...rest } = await admin(t, url, 'explain', '--room', json.room_name)
  t.match(rest, { status: 'active', end_reason: null })
  t.strictSame(rest.look_in_the_log_for, [`"room_name":"${json.room_name}"`])
  t.match(history, [
    { what: 'created', request_id: null },
    { what: 'next_look', held: 10, at: timePattern },
  ])
  await refuses(t, 2, url, [[/there is no session nope/, 'explain', '--room', 'nope']])
})
