// A session is made, but the answer never reaches the page: trying again gets that same session, never a second one.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freeTcpPort } from '../../demo/ports.ts'
import { startService } from '../../demo/service.ts'
import { through } from '../through.ts'
import { until } from '../until.ts'
import { backdate, lease } from './backdate.ts'
import { call, connected, hangUp } from './calling.ts'
import { connection } from './connection.ts'
import { expectProblem, failToCall } from './failed-call.ts'
import { backend, environment, newestRoom, SLOW_MS, service, sessionOf, supportAgent } from './parts.ts'

const { seed } = connection
const tryAgain = { name: 'Try again' }
const noConnection = { title: 'No connection', advice: /internet connection/ }

/** A backend proxy whose answers can be lost on the way to the page. */
const backendThroughProxy = async (t: Test, agents = [supportAgent]) => through(t, (await backend(t, { agents })).url)

t.test('trying again gets the session that was made', async (t) => {
  const { url, proxy } = await backendThroughProxy(t)
  const problem = { ...noConnection, buttons: ['Try again'] }
  const page = await failToCall(t, url, problem, { before: () => proxy.set('reset answer') })
  await proxy.set('pass')
  const made = await newestRoom()
  t.equal(await connected(page, () => page.getByRole('button', tryAgain).click()), made)
  await hangUp(page)
})

t.test('calling another agent instead is a new call', async (t) => {
  const sales = { agent_id: seed.agents.realtime, name: seed.realtimeAgentName }
  const { url, proxy } = await backendThroughProxy(t, [supportAgent, sales])
  const problem = { ...noConnection, buttons: ['Try again', 'Choose another agent'] }
  const page = await failToCall(t, url, problem, { before: () => proxy.set('reset answer') })
  await proxy.set('pass')
  await page.getByRole('button', { name: 'Choose another agent' }).click()
  await page.getByRole('radio', { name: 'Sales Agent' }).check()
  t.match(await call(page, 'Sales Agent'), seed.agents.realtime)
  await hangUp(page)
})

t.test('409: the service died making the session; a retry is refused until that session has ended', async (t) => {
  const { proxy, url: livekitUrl } = await through(t, connection.livekit.url)
  const variables = { LIVEKIT_API_URL: livekitUrl }
  const port = await freeTcpPort()
  const apiUrl = `http://127.0.0.1:${port}`
  const logFile = join(t.testdir(), 'service.log')
  const doomed = await startService(apiUrl, { ...environment(variables), PORT: String(port) }, logFile)
  t.teardown(() => doomed.stop())
  proxy.when('CreateRoom', { before: () => doomed.kill('SIGKILL') })
  const problem = { title: 'The voice service does not answer', advice: /Nothing was charged/, buttons: ['Try again'] }
  const page = await failToCall(t, (await backend(t, { apiUrl })).url, problem)
  const made = await newestRoom()
  await lease(made)
  t.equal((await sessionOf(made)).status, 'creating')

  await service(t, { ...variables, PORT: String(port) })
  await page.getByRole('button', tryAgain).click()
  const busy = { title: 'The call is being set up already', advice: /Try again in a second\./, buttons: ['Try again'] }
  await expectProblem(t, page, busy)
  await backdate(made, 30)
  await until(async () => (await sessionOf(made)).status === 'ended', SLOW_MS)
  await connected(page, () => page.getByRole('button', tryAgain).click())
  await hangUp(page)
})
