// Hanging up at every moment of a call: it is over at once, and what nobody used costs nothing.
import t from 'tap'
import { startProxy } from '../proxy.ts'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { call, ended } from './calling.ts'
import { connection } from './connection.ts'
import { backend, newestRoom, service, sessionOf } from './parts.ts'

t.test('who hangs up while the browser still asks for the microphone is back where he was', async (t) => {
  const page = await openPage(t, await openBrowser(), connection.webUrl)
  // A browser without a head never leaves the question open.
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

t.test('who hangs up while the session is made is back where he was, and the session is ended', async (t) => {
  const livekit = new URL(connection.livekit.url)
  const proxy = await startProxy({ host: livekit.hostname, port: Number(livekit.port) })
  t.teardown(() => proxy.close())
  const { url: apiUrl } = await service(t, { LIVEKIT_API_URL: `ws://127.0.0.1:${proxy.port}` })
  const page = await openPage(t, await openBrowser(), (await backend(t, { apiUrl })).url)
  let goOn = () => {}
  const hungUp = new Promise<void>((resolve) => {
    goOn = resolve
  })
  proxy.setWhen(/CreateRoom/, { first: () => hungUp })
  const started = page.waitForResponse('**/api/voice/start')
  await page.getByRole('button', { name: 'Call Support Agent' }).click()
  await page.locator('#phase').getByText('Setting up the call…').waitFor()
  await page.getByRole('button', { name: 'Hang up' }).click()
  goOn()
  const answer = await started
  await page.getByRole('button', { name: 'Call Support Agent' }).waitFor()
  // On a machine too busy for it LiveKit is given up meanwhile, and there is no session.
  if (answer.ok()) t.match(await ended((await answer.json()).room_name), { credits_charged: 0 })
  else t.equal(answer.status(), 500)
})

t.test('who hangs up before anybody answered pays nothing', async (t) => {
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

t.test('who closes the page hangs up', async (t) => {
  const page = await openPage(t, await openBrowser(), connection.webUrl)
  const roomName = await call(page)
  await page.goto('about:blank')
  const { end_reason } = await ended(roomName)
  t.equal(end_reason, 'ended_by_api', 'at once, and not when LiveKit has waited for a return')
})
