// A caller may hang up at any moment: the work under way completes or unwinds, and the books balance.
import { connect } from 'node:net'
import t from 'tap'
import { buildBehindProxies, leftNothing, livekitCalls, type Proxied, rawCreate, roomsOf, until } from './helper.ts'

/** A caller who has sent these bytes; the function returned hangs up, and lets the service see it. */
function call(service: Proxied, bytes: string) {
  const socket = connect(service.port, '127.0.0.1').on('error', () => {})
  const connections = () => new Promise<number>((resolve) => service.app.server.getConnections((_, n) => resolve(n)))
  socket.write(bytes)
  return async () => {
    await until(async () => (await connections()) > 0)
    socket.destroy()
    await until(async () => (await connections()) === 0)
  }
}

const createOf = ({ organization: { key, pipelineAgent } }: Proxied) =>
  rawCreate(key, JSON.stringify({ agent_id: pipelineAgent }))

const moments = {
  'the agent lookup': ['database', 'findAgent'],
  'the hold': ['database', 'holdMinute'],
  CreateRoom: ['livekit', 'CreateRoom'],
  'the activation': ['database', 'activate'],
} as const

for (const [moment, [part, request]] of Object.entries(moments))
  t.test(`a caller who hangs up at ${moment} leaves one whole session behind`, async (t) => {
    const service = await buildBehindProxies(t)
    let hungUp = false
    const before = async () => {
      await hangUp()
      hungUp = true
    }
    service[part].when(request, { before })
    const hangUp = call(service, createOf(service))
    await until(async () => hungUp && (await service.sessions())[0]?.status === 'active')
    const names = (await service.sessions()).map((session) => session.room_name)
    t.equal(names.length, 1)
    t.strictSame(await roomsOf(service.organization.pipelineAgent), names)
    t.equal(await service.credits(), service.organization.openingCredits - 10)
  })

t.test('a caller who hangs up before LiveKit fails pays nothing', async (t) => {
  const service = await buildBehindProxies(t)
  await service.livekit.set('refuse')
  service.database.when('holdMinute', { before: () => hangUp() })
  const hangUp = call(service, createOf(service))
  await until(async () => (await service.sessions())[0]?.status === 'ended')
  t.equal(await service.credits(), service.organization.openingCredits)
})

t.test('a caller who hangs up before the request is whole has asked for nothing', async (t) => {
  const service = await buildBehindProxies(t)
  const whole = createOf(service)
  for (const length of [1, 100, whole.length - 50, whole.length - 1]) await call(service, whole.slice(0, length))()
  t.equal((await service.create(service.organization.textAgent)).status, 400, 'and the next request is served')
  await leftNothing(t, service)
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
})
