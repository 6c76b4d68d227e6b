// The caller hangs up at each moment of a call: the call is over at once, and costs nothing before an agent is there.
import t from 'tap'
import { through } from '../through.ts'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { call, ended } from './calling.ts'
import { connection } from './connection.ts'
import { backend, newestRoom, service, sessionOf } from './parts.ts'

t.test('hanging up while the browser asks for the microphone leads back to the list of agents', async (t) => {
  const page = await openPage(t, await openBrowser(), connection.webUrl)
  // A headless browser answers the question for the microphone at once, so here it is never answered.
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => new Promise(() => {})
  })
  await page.getByRole('button', { name: 'Call Support Agent' }).click()
  await page.locator('#phase').getByText('Allow the microphone').waitFor()
  t.ok(await page.getByRole('button', { name: 'Mute' }).isDisabled(), 'there is nothing to mute yet')
  await screenshot(page, 'asking-for-the-microphone')
  await page.getByRole('button', { name: 'Hang up' }).click()
  await page.getByRole('button', { name: 'Call Support Agent' }).waitFor()
  t.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'radio')
})

t.test('hanging up while the session is made leads back to the list of agents, and the session is ended', async (t) => {
  const { proxy, url: livekitUrl } = await through(t, connection.livekit.url)
  const { url: apiUrl } = await service(t, { LIVEKIT_API_URL: livekitUrl })
  const page = await openPage(t, await openBrowser(), (await backend(t, { apiUrl })).url)
  let sayHungUp = () => {}
  const hungUp = new Promise<void>((resolve) => {
    sayHungUp = resolve
  })
  proxy.when('CreateRoom', { before: () => hungUp })
  const started = page.waitForResponse('**/api/voice/start')
  await page.getByRole('button', { name: 'Call Support Agent' }).click()
  await page.locator('#phase').getByText('Setting up the call…').waitFor()
  await page.getByRole('button', { name: 'Hang up' }).click()
  sayHungUp()
  const answer = await started
  await page.getByRole('button', { name: 'Call Support Agent' }).waitFor()
  // On a very busy machine the request to LiveKit runs out of time meanwhile, and no session is made.
  if (answer.ok()) t.match(await ended((await answer.json()).room_name), { credits_charged: 0 })
  else t.equal(answer.status(), 500)
})

t.test('hanging up before an agent answers costs nothing', async (t) => {
  const { url: apiUrl } = await service(t, { LIVEKIT_AGENT_NAME: 'nobody' })
  const page = await openPage(t, await openBrowser(), (await backend(t, { apiUrl })).url)
  await page.getByRole('button', { name: 'Call Support Agent' }).click()
  await page.locator('#phase').getByText('Waiting for Support Agent…').waitFor()
  await screenshot(page, 'waiting')
  await page.getByRole('button', { name: 'Hang up' }).click()
  await page.getByRole('heading', { name: 'Call ended' }).waitFor()
  t.match(await page.locator('#receipt').innerText(), /Charged\s+Nothing/)
  t.match(await sessionOf(await newestRoom()), { status: 'ended', credits_charged: 0 })
})

t.test('closing the page ends the call', async (t) => {
  const page = await openPage(t, await openBrowser(), connection.webUrl)
  const roomName = await call(page)
  await page.goto('about:blank')
  const { end_reason } = await ended(roomName)
  t.equal(end_reason, 'ended_by_api', 'by the page at once, and not later by LiveKit')
})
