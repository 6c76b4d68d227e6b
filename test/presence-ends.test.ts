// Until when somebody is present, and when a call has ended.
import { sql } from 'kysely'
import t from 'tap'
import { participant, seconds } from './livekit-events.ts'
import { bills, publish, tell, withAgent } from './presence.ts'
import { withSession } from './with-session.ts'

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

t.test(
  'a caller who breaks their connection before the agent is there pays for a second of what follows',
  async (t) => {
    const told = await withSession(t, 100)
    const caller = participant('caller', 40)
    const agent = participant('agent', 37)
    await tell(told, 'participant_joined', caller, 40)
    await tell(told, 'participant_joined', agent, 37)
    await tell(told, 'participant_left', caller, 20, { disconnectReason: 'CONNECTION_TIMEOUT' })
    await bills(t, { ...told, agent }, 1, 'caller_left', 0)
  },
)

t.test('a caller whose agent’s connection broke before they came pays nothing', async (t) => {
  const told = await withAgent(t)
  await tell(told, 'participant_joined', participant('caller', 80), 80)
  await tell(told, 'participant_left', told.agent, 70, { disconnectReason: 'CONNECTION_TIMEOUT' })
  await bills(t, { ...told, agent: undefined }, 0, 'caller_left', 0)
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
    UPDATE voice_sessions SET end_reason = 'ended_by_api', ended_at = now() - interval '50 s', wake_at = now() + interval '80 s'
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

t.test('a session that was lost with a crash of PostgreSQL is not settled', async (t) => {
  const { service } = await withSession(t)
  t.equal(await service.app.calls.settle('lost', { end_reason: 'room_missing', until: 'unknown' }), false)
})
