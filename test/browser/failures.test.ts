// What can fail although the service answers well: the microphone, the connection to LiveKit, the agent. Each failure is real.
import { AccessToken } from 'livekit-server-sdk'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { rtc } from '../../demo/rtc.ts'
import { through } from '../through.ts'
import { backdate } from './backdate.ts'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { call, ended } from './calling.ts'
import { connection } from './connection.ts'
import { failToCall } from './failed-call.ts'
import { ask, backend, newestRoom, service } from './parts.ts'

const RETRY = ['Try again']
/** The stack's own page offers two agents, so another can be chosen. */
const RETRY_OR_CHOOSE = ['Try again', 'Choose another agent']

t.test('the microphone is denied: no session is made', async (t) => {
  const newest = await newestRoom().catch(() => undefined)
  const problem = { title: 'The microphone is not allowed', advice: /address bar/, buttons: RETRY_OR_CHOOSE }
  await failToCall(t, connection.webUrl, problem, { microphone: 'denied' })
  t.equal(await newestRoom().catch(() => undefined), newest)
})

t.test('there is no microphone', async (t) => {
  const problem = { title: 'No microphone was found', advice: /Connect a microphone/, buttons: RETRY_OR_CHOOSE }
  await failToCall(t, connection.webUrl, problem, { microphone: 'missing' })
})

t.test('the microphone is in use', async (t) => {
  const problem = { title: 'The microphone is in use', advice: /Close that one/, buttons: RETRY_OR_CHOOSE }
  await failToCall(t, connection.webUrl, problem, { microphone: 'busy' })
})

t.test('the microphone does not work for another reason', async (t) => {
  const broken = (page: Page) =>
    page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'AbortError'))
    })
  const problem = { title: 'The microphone does not work', advice: /sound settings/, buttons: RETRY_OR_CHOOSE }
  await failToCall(t, connection.webUrl, problem, { before: broken })
})

t.test('the page did not come by https', async (t) => {
  const url = new URL(connection.webUrl)
  const flags = [`--host-resolver-rules=MAP page.example ${url.hostname}`]
  url.hostname = 'page.example'
  const buttons = ['Choose another agent']
  const problem = { title: 'This page cannot use a microphone', advice: /https/, buttons }
  await failToCall(t, url.href, problem, { flags })
})

t.test('LiveKit cannot be reached from the browser: the session is ended, and nothing is charged', async (t) => {
  const { url: apiUrl } = await service(t, {
    LIVEKIT_URL: 'ws://127.0.0.1:9',
    LIVEKIT_API_URL: connection.livekit.url,
  })
  const { url } = await backend(t, { apiUrl })
  const problem = { title: 'The call could not be connected', advice: /firewall/, buttons: RETRY }
  await failToCall(t, url, problem)
  t.match(await ended(await newestRoom()), { end_reason: 'ended_by_api', credits_charged: 0 })
})

t.test('no agent comes', async (t) => {
  const { url: apiUrl } = await service(t, { LIVEKIT_AGENT_NAME: 'nobody' })
  const { url } = await backend(t, { apiUrl })
  const problem = { title: 'Support Agent did not answer', advice: /Nothing was charged/, buttons: RETRY }
  let roomName = ''
  const wait = async () => {
    roomName = await newestRoom()
    await backdate(roomName, connection.agentJoinSeconds, (people) => people.length === 1)
  }
  await failToCall(t, url, problem, { waiting: wait })
  t.match(await ended(roomName), { end_reason: 'agent_unavailable', credits_charged: 0 })
})

/** Joins as the agent of a worker, and says nothing. */
async function joinSilently(t: Test, room: string, workerName: string): Promise<void> {
  const { url, apiKey, apiSecret } = connection.livekit
  const token = new AccessToken(apiKey, apiSecret, { identity: 'silent', attributes: { 'lk.agent_name': workerName } })
  token.kind = 'agent'
  token.addGrant({ roomJoin: true, room })
  const agent = new rtc.Room()
  await agent.connect(url, await token.toJwt(), { autoSubscribe: false, dynacast: false })
  t.teardown(async () => {
    await agent.disconnect()
    await rtc.dispose()
  })
}

t.test('an agent comes and cannot be heard: the receipt shows what was charged', async (t) => {
  const workerName = 'nobody'
  const { url: apiUrl } = await service(t, { LIVEKIT_AGENT_NAME: workerName })
  const page = await openPage(t, await openBrowser(), (await backend(t, { apiUrl })).url)
  await page.getByRole('button', { name: 'Call Support Agent' }).click()
  await page.locator('#phase').getByText('Waiting for Support Agent…').waitFor()
  const roomName = await newestRoom()
  await joinSilently(t, roomName, workerName)
  await backdate(roomName, 5, (people) => people.length === 2)
  await ask(`/v1/chat/voice-sessions/${roomName}`, { method: 'DELETE' })
  await page.locator('#reason').getByText('Support Agent could not be heard.').waitFor()
  t.match(await page.locator('#receipt').innerText(), /Charged\s+10 credits/)
})

t.test('the connection is lost in a call and comes back; so does the service before the receipt', async (t) => {
  const { proxy, url: livekitUrl } = await through(t, connection.livekit.url)
  const variables = { LIVEKIT_URL: livekitUrl, LIVEKIT_API_URL: connection.livekit.url }
  const { url: apiUrl, stop } = await service(t, variables)
  const { url } = await backend(t, { apiUrl })
  const page = await openPage(t, await openBrowser(), url)
  await call(page)
  await proxy.set('refuse')
  await page.locator('#phase').getByText('Connection lost. Reconnecting…').waitFor()
  await screenshot(page, 'reconnecting')
  await proxy.set('pass')
  await page.locator('#phase').getByText('Connected').waitFor()

  await stop()
  await page.getByRole('button', { name: 'Hang up' }).click()
  await page.locator('#receipt').getByText('Not settled yet').waitFor()
  await screenshot(page, 'receipt-not-settled')
  await service(t, { ...variables, PORT: new URL(apiUrl).port })
  await page.locator('#receipt').getByText('10 credits').waitFor()
})
