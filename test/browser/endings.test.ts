// Calls that the caller does not end: the receipt says who or what did, and what it cost.
import { setTimeout as sleep } from 'node:timers/promises'
import { RoomServiceClient } from 'livekit-server-sdk'
import type { Page } from 'playwright-core'
import t from 'tap'
import { createCustomer } from '../../accept/customer.ts'
import { createDatabase } from '../../src/repositories/database.ts'
import { through } from '../through.ts'
import { backdate, type Presence } from './backdate.ts'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { call, connected, ended, hangUp } from './calling.ts'
import { connection } from './connection.ts'
import { ask, backend, service } from './parts.ts'

const { livekit, webUrl } = connection
const db = createDatabase(connection.databaseUrl)
t.teardown(() => db.destroy())
const rooms = new RoomServiceClient(livekit.apiUrl, livekit.apiKey, livekit.apiSecret)
/** LiveKit's client tries for 45 s to connect again; a busy machine takes longer. */
const RECEIPT_TIMEOUT_MS = 300_000

const untilReceiptSays = (page: Page, reason: string) =>
  page.locator('#reason').getByText(reason).waitFor({ timeout: RECEIPT_TIMEOUT_MS })

const bothCame = (people: Presence[]) => people.length === 2

/** A call whose connection to LiveKit can be broken. */
async function callThroughProxy() {
  const { proxy, url } = await through(t, livekit.url)
  const variables = { LIVEKIT_URL: url, LIVEKIT_API_URL: livekit.url }
  const { url: apiUrl } = await service(t, variables)
  const page = await openPage(t, await openBrowser(), (await backend(t, { apiUrl })).url)
  return { page, roomName: await call(page), proxy }
}

// The first call to lose its connection: the other tests run while LiveKit's client tries to connect again.
const lost = await callThroughProxy()
await lost.proxy.set('refuse')

t.test('the call was ended over the API; the caller can call again', async (t) => {
  const page = await openPage(t, await openBrowser(), webUrl)
  const roomName = await call(page)
  t.equal((await ask(`/v1/chat/voice-sessions/${roomName}`, { method: 'DELETE' })).status, 200)
  await untilReceiptSays(page, 'The call was ended.')
  await connected(page, () => page.getByRole('button', { name: 'Call again' }).click())
  await hangUp(page)
  await page.getByRole('button', { name: 'Choose another agent' }).click()
  await page.getByRole('button', { name: 'Call Support Agent' }).waitFor()
})

t.test('the agent left', async (t) => {
  const { page, roomName, proxy } = await callThroughProxy()
  const untilPhaseSays = (sentence: string) => page.locator('#phase').getByText(sentence).waitFor()
  // LiveKit gives the time of a leave in whole seconds: a shorter talk can count as none, and nothing would be charged.
  await sleep(2000)
  const people = await rooms.listParticipants(roomName)
  const agent = people.find(({ identity }) => identity !== 'user123')
  await rooms.removeParticipant(roomName, agent?.identity as string)
  await untilPhaseSays('Support Agent left. Waiting for a moment…')
  await proxy.set('refuse')
  await untilPhaseSays('Connection lost. Reconnecting…')
  await proxy.set('pass')
  await untilPhaseSays('Support Agent left. Waiting for a moment…')
  const agentLeft: typeof bothCame = (people) => people.some(({ kind, has_left }) => kind === 'agent' && has_left)
  await backdate(roomName, connection.agentJoinSeconds, (people) => bothCame(people) && agentLeft(people))
  await untilReceiptSays(page, 'Support Agent left the call.')
  t.match(await ended(roomName), { end_reason: 'agent_left', credits_charged: 10 })
})

t.test('the credits ran out', async (t) => {
  const { key: apiKey, agentId } = await createCustomer(db, { credits: 10 })
  const { url } = await backend(t, { apiKey, agents: [{ agent_id: agentId, name: 'Support Agent' }] })
  const page = await openPage(t, await openBrowser(), url)
  await backdate(await call(page), 60, bothCame)
  await untilReceiptSays(page, 'The credits ran out, so the call was ended.')
  await page.getByText('0 credits left').waitFor()
  await screenshot(page, 'receipt-credits-exhausted')
  t.match(await page.locator('#receipt').innerText(), /Talked\s+1:\d\d\s[\s\S]*Charged\s+10 credits/)
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByText('Nobody here can be called now.').waitFor()
})

t.test('the call reached the longest time allowed', async (t) => {
  const page = await openPage(t, await openBrowser(), webUrl)
  const roomName = await call(page)
  await backdate(roomName, 3600, bothCame)
  await untilReceiptSays(page, 'The call reached the longest time allowed.')
  t.match(await page.locator('#receipt').innerText(), /Talked\s+1:00:\d\d\s[\s\S]*Charged\s+600 credits/)
  t.match(await ended(roomName), { end_reason: 'max_duration', credits_charged: 600 })
})

t.test('the connection was lost for good', async (t) => {
  await untilReceiptSays(lost.page, 'The connection was lost.')
  // On a busy machine the tests in between take more than a minute of talk.
  const { status, seconds_billed, credits_charged } = await ended(lost.roomName)
  t.equal(status, 'ended')
  t.equal(credits_charged, 10 * Math.ceil(seconds_billed / 60))
})
