// The React sample in a real browser: the call, its clean-up, and the branches of its catch.
import t from 'tap'
import type { ProxyOptions } from '../examples/backend-proxy/app.ts'
import { listen, openBrowser, openPage, untilHeard } from './browser.ts'
import { ended } from './calling.ts'
import { connection } from './connection.ts'
import { backend, newestRoom, sessionOf } from './parts.ts'

const { seed } = connection
const GREETING_HZ = 880
const BEEP_HZ = 400

t.test('a call: both sides are heard, and nothing is left after it', async (t) => {
  const { url } = await backend(t, { page: 'react' })
  const page = await openPage(t, await openBrowser(), url)
  for (const button of ['Call', 'Call with a TokenSource', 'Call with a TokenSource']) {
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

t.test('the catch: 402, 404 and anything else have messages of their own', async (t) => {
  const browser = await openBrowser()
  const troubles: [Partial<ProxyOptions>, RegExp][] = [
    [{ apiKey: seed.poorApiKey, agents: [{ agent_id: seed.poorAgent, name: 'Poor' }] }, /no credits left/],
    [{ agents: [{ agent_id: seed.agents.foreign, name: 'Foreign' }] }, /does not exist/],
    [{ agents: [{ agent_id: seed.agents.text, name: 'Chat' }] }, /failed: Agent must be Pipeline or Realtime/],
    [{ apiUrl: 'http://127.0.0.1:9' }, /failed: Failed to start voice session/],
  ]
  for (const [changes, message] of troubles) {
    const { url } = await backend(t, { page: 'react', ...changes })
    const page = await openPage(t, browser, url)
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    await page.getByRole('status').getByText(message).waitFor()
    t.pass(`${message}`)
  }
})

t.test('a denied microphone costs nothing', async (t) => {
  const { url } = await backend(t, { page: 'react' })
  const page = await openPage(t, await openBrowser('denied'), url)
  await page.getByRole('button', { name: 'Call', exact: true }).click()
  await page.getByRole('status').getByText('The call failed').waitFor()
  t.notMatch(await sessionOf(await newestRoom()), { caller_joined_at: String })
})
