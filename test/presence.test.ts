// Who is present, and from when to when, as docs/design.md defines it: each test tells the service what LiveKit would say, and
// judges the bill.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { participant, seconds } from './events.ts'
import { buildBehindProxies, until } from './helper.ts'
import { withSession } from './with-session.ts'

type Told = Awaited<ReturnType<typeof withSession>>
type Guest = ReturnType<typeof participant>

/** An event of somebody, so many seconds ago. */
const tell = ({ send }: Told, event: string, who: Partial<Guest> & object, ago: number, more = {}) =>
  send(event, { participant: { ...who, ...more }, createdAt: seconds(ago) })

/** Of a track LiveKit says only whose it is. */
const publish = (told: Told, { sid, identity }: Guest, ago: number) =>
  tell(told, 'track_published', { sid, identity }, ago)

/** A session that began 100 s ago, in which the agent has been for 90 s. */
async function withAgent(t: Test) {
  const told = await withSession(t, 100)
  const agent = participant('agent', 90)
  await tell(told, 'participant_joined', agent, 90)
  return { ...told, agent }
}

/** The room is closed: what was billed, give or take the second that each event is rounded to. */
async function bills(
  t: Test,
  told: Told & { agent?: Guest | undefined },
  expected: number,
  end_reason = 'caller_left',
  tolerance = 1,
) {
  // Without it, an agent would count for a minute after it was last seen.
  if (told.agent) await tell(told, 'participant_left', told.agent, 0)
  await told.send('room_finished', { createdAt: seconds(0) })
  const ended = await told.session()
  t.match(ended, { status: 'ended', end_reason })
  const { seconds_billed } = ended
  t.ok(Math.abs(seconds_billed - expected) <= tolerance, `${seconds_billed} s are billed, ${expected} expected`)
  for (const joined_at of [ended.caller_joined_at, ended.agent_joined_at])
    t.ok(joined_at === undefined || ended.ended_at >= joined_at, 'ended after all joins')
  return ended
}

for (const order of [
  ['connected', 'joined', 'left'],
  ['left', 'joined'],
  ['left', 'published', 'joined'],
  ['joined', 'published', 'left', 'joined'],
])
  t.test(`presence begins when media is up, not with the connection: ${order.join(', ')}`, async (t) => {
    const told = await withAgent(t)
    const caller = participant('caller', 80)
    const events: Record<string, () => Promise<unknown>> = {
      connected: async () => undefined,
      joined: () => tell(told, 'participant_joined', caller, 40),
      published: () => publish(told, caller, 38),
      left: () => tell(told, 'participant_left', caller, 10),
    }
    for (const name of order) await events[name]?.()
    await bills(t, told, 30)
  })

t.test(
  'presence begins with the first track of who never becomes active, and ends when LiveKit gives up',
  async (t) => {
    const told = await withAgent(t)
    const caller = participant('caller', 80)
    await publish(told, caller, 70)
    await publish(told, caller, 60)
    await tell(told, 'participant_connection_aborted', caller, 20, { state: 'JOINED' })
    await bills(t, told, 50)
  },
)

t.test('who connects and gives up without anything published was never there', async (t) => {
  const told = await withAgent(t)
  await tell(told, 'participant_connection_aborted', participant('caller', 80), 20, { state: 'JOINED' })
  await bills(t, told, 0, 'caller_never_joined')
})

t.test('somebody else’s track is nobody’s presence', async (t) => {
  const told = await withAgent(t)
  await publish(told, participant('caller', 80, 'somebody-else'), 70)
  await bills(t, told, 0, 'caller_never_joined')
})

const others: Record<string, (agent: Guest) => object> = {
  'another worker’s agent': (agent) => ({ ...agent, attributes: { 'lk.agent_name': 'another' } }),
  'an agent of no worker': ({ attributes: _, ...agent }) => agent,
  'an avatar of the agent': (agent) => ({
    ...agent,
    attributes: { ...agent.attributes, 'lk.publish_on_behalf': 'agent-AJ_1' },
  }),
  'somebody’s own bot': (agent) => ({ ...agent, kind: 'STANDARD' }),
  'a recorder': (agent) => ({ ...agent, kind: 'EGRESS' }),
}
for (const [what, change] of Object.entries(others))
  t.test(`${what} is not the agent`, async (t) => {
    const told = await withSession(t, 100)
    await tell(told, 'participant_joined', change(participant('agent', 90)), 90)
    const caller = participant('caller', 80)
    await tell(told, 'participant_joined', caller, 80)
    await tell(told, 'participant_left', caller, 10)
    t.notOk('agent_joined_at' in (await bills(t, told, 0)))
  })

t.test('of several broken connections only the last gives 20 s back', async (t) => {
  const told = await withAgent(t)
  const lost = { disconnectReason: 'CONNECTION_TIMEOUT' }
  for (const [from, to] of [
    [80, 60],
    [60, 40],
    [40, 15],
  ] as const) {
    const caller = participant('caller', from)
    await tell(told, 'participant_joined', caller, from)
    await tell(told, 'participant_left', caller, to, lost)
  }
  await bills(t, told, 45, 'caller_left', 3)
})

t.test('an agent that was replaced after its connection broke is counted whole', async (t) => {
  const told = await withAgent(t)
  const caller = participant('caller', 80)
  await tell(told, 'participant_joined', caller, 80)
  await tell(told, 'participant_left', told.agent, 50, { disconnectReason: 'CONNECTION_TIMEOUT' })
  const agent = participant('agent', 45)
  await tell(told, 'participant_joined', agent, 45)
  await tell(told, 'participant_left', caller, 10)
  await bills(t, { ...told, agent }, 65)
})

t.test('no talk is billed after the verdict, however late the call ends', async (t) => {
  const told = await withAgent(t)
  const { db } = told.service
  const caller = participant('caller', 80)
  await tell(told, 'participant_joined', caller, 80)
  await sql`
    UPDATE voice_sessions SET end_reason = 'ended_by_api', ended_at = now() - interval '50 s', wake_at = now() + interval '100 s'
    WHERE room_name = ${told.name}`.execute(db)
  await tell(told, 'participant_left', caller, 0)
  await tell(told, 'participant_joined', participant('caller', 5), 5)
  await bills(t, told, 30, 'ended_by_api')
})

t.test('a settled session is frozen: what LiveKit tells later changes nothing', async (t) => {
  const told = await withAgent(t)
  const early = await bills(t, told, 0, 'caller_never_joined')
  const caller = participant('caller', 80)
  await tell(told, 'participant_joined', caller, 80)
  await publish(told, caller, 70)
  await tell(told, 'participant_left', caller, 10, { disconnectReason: 'ROOM_DELETED' })
  await tell(told, 'participant_left', told.agent, 10)
  t.strictSame(await told.session(), early)
})

t.test('the end of a call is when the caller left, and the booking is later', async (t) => {
  const told = await withAgent(t)
  const caller = participant('caller', 80)
  await tell(told, 'participant_joined', caller, 80)
  await tell(told, 'participant_left', caller, 30)
  const { ended_at } = await bills(t, told, 50)
  const ago = (Date.now() - Date.parse(ended_at)) / 1000
  t.ok(ago >= 29 && ago <= 33, `${ago} s ago`)
  const { rows } = await sql<{ late: number }>`
    SELECT extract(epoch FROM settled_at - ended_at)::float AS late FROM voice_sessions
    WHERE room_name = ${told.name}`.execute(told.service.db)
  t.ok(Number(rows[0]?.late) > 28, `booked ${rows[0]?.late} s later`)
})

t.test('the end of a call is never before it began, or somebody joined', async (t) => {
  for (const joins of [0, 1, 2]) {
    const told = await withSession(t, 1)
    if (joins > 0) await tell(told, 'participant_joined', participant('agent', 0), 0)
    if (joins > 1) await tell(told, 'participant_joined', participant('caller', 0), 0)
    const ended = await bills(t, told, 0, joins > 1 ? 'caller_left' : 'caller_never_joined')
    t.ok(ended.ended_at >= ended.created_at)
  }
})

for (const who of ['caller', 'agent'] as const)
  t.test(`a room that was deleted was ended by the agent, whose ${who} leaves first`, async (t) => {
    const told = await withAgent(t)
    const caller = participant('caller', 80)
    await tell(told, 'participant_joined', caller, 80)
    const deleted = { disconnectReason: 'ROOM_DELETED' }
    for (const leaver of who === 'caller' ? [caller, told.agent] : [told.agent, caller])
      await tell(told, 'participant_left', leaver, 20, deleted)
    const { ended_at } = await bills(t, told, 60, 'ended_by_agent')
    t.ok(Math.abs(Date.now() - Date.parse(ended_at) - 20_000) < 3000, ended_at)
  })

t.test('an earlier room of the same name that was deleted ends nothing', async (t) => {
  const told = await withAgent(t)
  const room = { name: told.name, sid: 'RM_earlier' }
  const caller = { ...participant('caller', 80), disconnectReason: 'ROOM_DELETED' }
  await told.send('participant_left', { participant: caller, room, createdAt: seconds(20) })
  t.equal((await told.session()).status, 'active')
})

for (const ahead of [-95, -40, 40, 95])
  t.test(`LiveKit’s clock is ${ahead} s ahead of PostgreSQL’s`, async (t) => {
    const told = await withSession(t, 100)
    await sql`UPDATE voice_sessions SET clock_offset_ms = ${ahead * 1000}`.execute(told.service.db)
    const agent = participant('agent', 90 - ahead)
    const caller = participant('caller', 80 - ahead)
    await tell(told, 'participant_joined', agent, 90 - ahead)
    await tell(told, 'participant_joined', caller, 80 - ahead)
    await tell(told, 'participant_left', caller, 10 - ahead)
    await tell(told, 'participant_left', agent, -ahead)
    await told.send('room_finished', { createdAt: seconds(-ahead) })
    const { seconds_billed, ended_at } = await told.session()
    t.ok(Math.abs(seconds_billed - 70) <= 1, `${seconds_billed} s`)
    t.ok(Math.abs(Date.now() - Date.parse(ended_at) - 10_000) < 3000, ended_at)
  })

for (const ahead of [-40_000, 0, 40_000])
  t.test(`a room that LiveKit made ${ahead} ms off shows how far the clocks are apart`, async (t) => {
    const service = await buildBehindProxies(t)
    const answer = (request: string) => {
      const name = /"name":"([^"]+)"/.exec(request)?.[1]
      const body = JSON.stringify({ name, sid: 'RM_1', creation_time_ms: String(Date.now() + ahead) })
      return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    }
    service.livekit.when('CreateRoom', { answer })
    const { json } = await service.create()
    const { rows } = await sql<{ clock_offset_ms: number }>`
      SELECT clock_offset_ms FROM voice_sessions WHERE room_name = ${json.room_name}`.execute(service.db)
    const offset = Number(rows[0]?.clock_offset_ms)
    t.ok(Math.abs(offset - ahead) < 3000, `${offset} ms`)
    if (ahead === 0) t.equal(offset, 0, 'between hold and activation no difference shows')
  })

/** What a look is answered, in place of LiveKit's own list. */
const lists = (participants: object[]) => {
  const body = JSON.stringify({ participants })
  return {
    answer: `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  }
}

/** A service whose looks are answered with these lists, one after the other; the session, as the database has it. */
async function looked(t: Test, ...all: object[][]) {
  const service = await buildBehindProxies(t)
  // No look at what earlier tests have left is to get this answer.
  await sql`UPDATE voice_sessions SET wake_at = now() + interval '100 s'`.execute(service.db)
  const { json } = await service.create()
  const name: string = json.room_name
  const set = (what: string) =>
    sql`UPDATE voice_sessions SET ${sql.raw(what)} WHERE room_name = ${name}`.execute(service.db)
  await set("created_at = created_at - interval '100 s'")
  const wake = () => set('wake_at = now()')
  for (const [index, participants] of all.entries()) {
    service.livekit.when('ListParticipants', lists(participants))
    await wake()
    await until(async () => service.database.count('findSituation') > index, 60_000)
  }
  const get = async () => (await service.get(`/v1/chat/voice-sessions/${name}`)).json
  return { service, name, get, set, wake }
}

t.test('a look that sees a caller present counts from their connection, where no event tells', async (t) => {
  const caller = participant('caller', 80)
  const { get } = await looked(t, [participant('agent', 90), caller])
  t.equal(Date.parse((await get()).caller_joined_at), Number(caller.joinedAtMs))
})

t.test('after a look that saw nobody present it counts from the first that does', async (t) => {
  const agent = participant('agent', 90)
  const caller = participant('caller', 40)
  const { get } = await looked(t, [agent, { ...caller, state: 'JOINED' }], [agent, caller], [agent, caller])
  const ago = (Date.now() - Date.parse((await get()).caller_joined_at)) / 1000
  t.ok(ago < 30, `${ago} s ago`)
})

t.test('a track makes a caller present who never becomes active', async (t) => {
  const caller = { ...participant('caller', 80), state: 'JOINED', tracks: [{ sid: 'TR_1' }] }
  const { get } = await looked(t, [participant('agent', 90), caller])
  t.ok('caller_joined_at' in (await get()))
})

t.test('a room in which somebody is connected for 75 s and never present is ended, whoever comes again', async (t) => {
  const agent = participant('agent', 90)
  const state = 'JOINED'
  const first = { ...participant('caller', 20), state }
  const { service, get, set, wake } = await looked(t, [agent, first], [agent])
  await set("waiting_since = waiting_since - interval '60 s'")
  service.livekit.when('ListParticipants', lists([agent, { ...participant('caller', 2), state }]))
  await wake()
  await until(async () => (await get()).status === 'ended', 60_000)
  t.match(await get(), { end_reason: 'caller_never_joined', credits_charged: 0 })
})

t.test('a caller who becomes present in time is not sent away', async (t) => {
  const agent = participant('agent', 90)
  const caller = participant('caller', 20)
  const { get } = await looked(t, [agent, { ...caller, state: 'JOINED' }], [agent, caller], [agent, caller])
  t.equal((await get()).status, 'active')
})

t.test('DELETE looks before it deletes: a call of which no event told is billed', async (t) => {
  const { service, name, get } = await looked(t)
  service.livekit.when('ListParticipants', lists([participant('agent', 12), participant('caller', 10)]))
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  const { seconds_billed, end_reason } = await get()
  t.equal(end_reason, 'ended_by_api')
  t.ok(seconds_billed >= 10 && seconds_billed <= 12, `${seconds_billed} s`)
})

t.test('DELETE: what a slow look sees after the verdict is not billed', async (t) => {
  const { service, name, get } = await looked(t)
  service.livekit.when('ListParticipants', {
    ...lists([]),
    answer: () => lists([participant('agent', 12), participant('caller', -1)]).answer,
  })
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  t.match(await get(), { status: 'ended', seconds_billed: 0, credits_charged: 0 })
})

t.test('DELETE does not wait for a look that takes long', async (t) => {
  const { service, name, get } = await looked(t)
  service.livekit.when('ListParticipants', 'hang')
  await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  t.match(await get(), { status: 'ended', end_reason: 'ended_by_api' })
})

t.test('a session of the greatest price is settled', async (t) => {
  const told = await withAgent(t)
  const { db, organization } = told.service
  const price = Number.MAX_SAFE_INTEGER
  await tell(told, 'participant_joined', participant('caller', 80), 80)
  await sql`UPDATE voice_sessions SET rate = ${price}::bigint, held = ${price}::bigint, created_at = created_at - interval '20 h'
    WHERE room_name = ${told.name}`.execute(db)
  await sql`UPDATE participants SET joined_at = joined_at - interval '18 h', connected_at = NULL, told_at = NULL`.execute(
    db,
  )
  await sql`UPDATE organizations SET credits = 0 WHERE id = ${organization.id}`.execute(db)
  await sql`UPDATE credit_grants SET amount = ${price}::bigint WHERE organization_id = ${organization.id}`.execute(db)
  await told.send('room_finished', { createdAt: seconds(0) })
  t.match(await told.session(), { status: 'ended', credits_charged: price })
})

for (const [age, left] of [
  [0, 3600],
  [3500, 100],
  [3539, 61],
  [3541, 3600],
  [70 * 60, 3600],
] as const)
  t.test(`a replay ${age} s after the creation answers a token that is valid for ${left} s`, async (t) => {
    const { service } = await withSession(t)
    const key = { 'idempotency-key': 'again' }
    const agent = service.organization.pipelineAgent
    const first = (await service.create(agent, key)).json
    await sql`UPDATE voice_sessions SET created_at = created_at - make_interval(secs => ${age})`.execute(service.db)
    const { json, headers } = await service.create(agent, key)
    t.equal(headers.get('idempotency-replayed'), 'true')
    t.equal(json.room_name, first.room_name)
    const { exp } = JSON.parse(Buffer.from(json.token.split('.')[1], 'base64url').toString())
    const validFor = exp - Date.now() / 1000
    t.ok(Math.abs(validFor - left) < 10, `${validFor} s`)
  })
