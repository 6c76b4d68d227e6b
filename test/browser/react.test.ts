// The React sample in a real browser: the call, what is left after it, and what the page says when a call fails.
import t from 'tap'
import { GREETING_HZ } from '../../demo/tone.ts'
import type { ProxyOptions } from '../../examples/backend-proxy/app.ts'
import { through } from '../through.ts'
import { openBrowser, openPage } from './browser.ts'
import { ended } from './calling.ts'
import { connection } from './connection.ts'
import { backend, newestRoom, service, sessionOf } from './parts.ts'
import { serveUnmountablePage } from './react-page.ts'
import { BEEP_HZ, listen, untilHeard } from './sound.ts'

const { seed } = connection
const CALL_BUTTONS = ['Call', 'Call with a TokenSource']

t.test('a call: both sides are heard, and nothing is left after it', async (t) => {
  const { url } = await backend(t, { page: 'react' })
  const page = await openPage(t, await openBrowser(), url)
  for (const button of [...CALL_BUTTONS, 'Call with a TokenSource']) {
    await page.getByRole('button', { name: button, exact: true }).click()
    await page.locator('audio').waitFor({ state: 'attached' })
    await listen(page)
    await untilHeard(page, GREETING_HZ)
    await untilHeard(page, BEEP_HZ)
    t.pass(`${button}: the agent is heard, and hears`)
    const roomName = await newestRoom()
    await page.getByRole('button', { name: 'Hang up' }).click()
    await page.getByText('The call is over.').waitFor()
    t.equal(await page.locator('audio').count(), 0, 'the audio element is gone')
    t.match(await ended(roomName), { end_reason: 'ended_by_api', credits_charged: 10 })
  }
})

t.test('402, 404 and any other refusal each have their own message', async (t) => {
  const browser = await openBrowser()
  const failures: [Partial<ProxyOptions>, RegExp][] = [
    [{ apiKey: seed.poorApiKey, agents: [{ agent_id: seed.poorAgent, name: 'Poor' }] }, /no credits left/],
    [{ agents: [{ agent_id: seed.agents.foreign, name: 'Foreign' }] }, /does not exist/],
    [{ agents: [{ agent_id: seed.agents.text, name: 'Chat' }] }, /failed: Agent must be Pipeline or Realtime/],
    [{ apiUrl: 'http://127.0.0.1:9' }, /failed: Failed to start voice session/],
  ]
  for (const [changes, message] of failures) {
    const { url } = await backend(t, { page: 'react', ...changes })
    const page = await openPage(t, browser, url)
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    await page.getByRole('status').getByText(message).waitFor()
    t.pass(`${message}`)
  }
})

t.test('the microphone is denied: no session is made', async (t) => {
  const { url } = await backend(t, { page: 'react' })
  const page = await openPage(t, await openBrowser('denied'), url)
  const newest = await newestRoom().catch(() => undefined)
  for (const button of CALL_BUTTONS) {
    await page.getByRole('button', { name: button, exact: true }).click()
    await page.getByRole('status').getByText('The call failed').waitFor()
  }
  t.equal(await newestRoom().catch(() => undefined), newest)
})

t.test('LiveKit cannot be reached from the browser: the session is ended', async (t) => {
  const { url: apiUrl } = await service(t, {
    LIVEKIT_URL: 'ws://127.0.0.1:9',
    LIVEKIT_API_URL: connection.livekit.url,
  })
  const { url } = await backend(t, { page: 'react', apiUrl })
  for (const button of CALL_BUTTONS) {
    const page = await openPage(t, await openBrowser(), url)
    await page.getByRole('button', { name: button, exact: true }).click()
    await page.getByRole('status').getByText('The call failed').waitFor()
    const roomName = await newestRoom()
    t.match(await sessionOf(roomName), { status: 'ended', end_reason: 'ended_by_api', credits_charged: 0 }, button)
  }
})

t.test('a second click while the call is being made starts no second call', async (t) => {
  const { url } = await backend(t, { page: 'react' })
  const page = await openPage(t, await openBrowser(), url)
  let starts = 0
  page.on('request', (request) => request.url().endsWith('/api/voice/start') && starts++)
  await page.getByRole('button', { name: 'Call', exact: true }).dblclick()
  await page.getByRole('status').getByText('You are in the call.').waitFor()
  const roomName = await newestRoom()
  await page.getByRole('button', { name: 'Hang up' }).click()
  await ended(roomName)
  await page.getByRole('button', { name: 'Call', exact: true, disabled: false }).waitFor()
  t.equal(starts, 1)
})

t.test('the component is unmounted while the call is being made: the session is ended', async (t) => {
  const { url } = await backend(t, { page: 'react' })
  const page = await openPage(t, await openBrowser(), 'about:blank')
  await serveUnmountablePage(page, seed.agents.pipeline)
  await page.route('**/api/voice/start', async (route) => {
    const response = await route.fetch()
    await page.evaluate(() => window.unmount())
    await route.fulfill({ response })
  })
  await page.goto(url)
  const answered = page.waitForResponse('**/api/voice/start')
  await page.getByRole('button', { name: 'Call', exact: true }).click()
  const { room_name } = await (await answered).json()
  t.match(await ended(room_name), { end_reason: 'ended_by_api' })
  t.equal(await page.locator('audio').count(), 0)
})

t.test('the answer is lost: calling again gets the session that was made', async (t) => {
  const { proxy, url } = await through(t, (await backend(t, { page: 'react' })).url)
  const page = await openPage(t, await openBrowser(), url)
  const button = page.getByRole('button', { name: 'Call', exact: true })
  await button.waitFor()
  await proxy.set('reset answer')
  await button.click()
  await page.getByRole('status').getByText('The call failed').waitFor()
  const made = await newestRoom()
  await proxy.set('pass')
  const answered = page.waitForResponse('**/api/voice/start')
  await button.click()
  t.equal((await (await answered).json()).room_name, made)
  await page.getByRole('button', { name: 'Hang up' }).click()
  await ended(made)
})
