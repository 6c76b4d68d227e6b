// Who is present, and since when, as docs/design.md defines it: each test tells the service what LiveKit would say, and judges
// the bill.
import t from 'tap'
import { participant } from './livekit-events.ts'
import { bills, type Guest, publish, tell, withAgent } from './presence.ts'
import { withSession } from './with-session.ts'

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
