// The answer to "start a session" is lost, while the session is there: a repeat is the same call, and never a second one.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freeTcpPort } from '../../demo/ports.ts'
import { startService } from '../../demo/service.ts'
import { startProxy } from '../proxy.ts'
import { call, connected, hangUp } from './calling.ts'
import { connection } from './connection.ts'
import { failToCall, meet } from './failing.ts'
import { backend, environment, newestRoom, service, sessionOf, supportAgent, until } from './parts.ts'
import { backdate } from './past.ts'

const { seed } = connection
const again = { name: 'Try again' }
const lost = { title: 'No connection', advice: /internet connection/ }

/** A backend proxy behind a proxy of the test's own, for answers to get lost on. */
async function lossy(t: Test, agents = [supportAgent]) {
  const { hostname, port } = new URL((await backend(t, { agents })).url)
  const proxy = await startProxy({ host: hostname, port: Number(port) })
  t.teardown(() => proxy.close())
  return { url: `http://127.0.0.1:${proxy.port}`, proxy }
}

t.test('trying again gets the session that was made', async (t) => {
  const { url, proxy } = await lossy(t)
  const page = await failToCall(t, url, { ...lost, buttons: ['Try again'] }, { before: () => proxy.set('lose') })
  await proxy.set('pass')
  const made = await newestRoom()
  t.equal(await connected(page, () => page.getByRole('button', again).click()), made)
  await hangUp(page)
})

t.test('calling another agent instead is a new call', async (t) => {
  const sales = { agent_id: seed.agents.realtime, name: seed.realtimeAgentName }
  const { url, proxy } = await lossy(t, [supportAgent, sales])
  const page = await failToCall(
    t,
    url,
    { ...lost, buttons: ['Try again', 'Choose another agent'] },
    { before: () => proxy.set('lose') },
  )
  await proxy.set('pass')
  await page.getByRole('button', { name: 'Choose another agent' }).click()
  await page.getByRole('radio', { name: 'Sales Agent' }).check()
  t.match(await call(page, 'Sales Agent'), seed.agents.realtime)
  await hangUp(page)
})

t.test('409: the service died over it; it is not forgotten at once, and then it can be called again', async (t) => {
  const livekit = new URL(connection.livekit.url)
  const proxy = await startProxy({ host: livekit.hostname, port: Number(livekit.port) })
  t.teardown(() => proxy.close())
  const variables = { LIVEKIT_API_URL: `ws://127.0.0.1:${proxy.port}` }
  const port = await freeTcpPort()
  const apiUrl = `http://127.0.0.1:${port}`
  const logFile = join(t.testdir(), 'service.log')
  const doomed = await startService(apiUrl, { ...environment(variables), PORT: String(port) }, logFile)
  t.teardown(() => doomed.stop())
  proxy.setWhen(/CreateRoom/, { first: () => doomed.kill('SIGKILL') })
  const trouble = { title: 'The voice service does not answer', advice: /Nothing was charged/, buttons: ['Try again'] }
  const page = await failToCall(t, (await backend(t, { apiUrl })).url, trouble)
  const made = await newestRoom()
  t.equal((await sessionOf(made)).status, 'creating')

  await service(t, { ...variables, PORT: String(port) })
  await page.getByRole('button', again).click()
  const busy = { title: 'The call is being set up already', advice: /Try again in a second\./, buttons: ['Try again'] }
  await meet(t, page, busy)
  await backdate(made, 30)
  await until(async () => (await sessionOf(made)).status === 'ended', 120_000)
  await connected(page, () => page.getByRole('button', again).click())
  await hangUp(page)
})
