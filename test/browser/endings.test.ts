// Calls that the caller does not end: the receipt says who or what did, and what it cost.
import { setTimeout as sleep } from 'node:timers/promises'
import { RoomServiceClient } from 'livekit-server-sdk'
import type { Page } from 'playwright-core'
import t from 'tap'
import { createCustomer } from '../../accept/customer.ts'
import { createDatabase } from '../../src/repositories/database.ts'
import { startProxy } from '../proxy.ts'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { call, connected, ended, hangUp } from './calling.ts'
import { connection } from './connection.ts'
import { ask, backend, service } from './parts.ts'
import { backdate, type Presence } from './past.ts'

const { livekit, webUrl } = connection
const db = createDatabase(connection.databaseUrl)
t.teardown(() => db.destroy())
const rooms = new RoomServiceClient(livekit.apiUrl, livekit.apiKey, livekit.apiSecret)
/** LiveKit's client tries for 45 s to come back. */
const RETURN_PATIENCE_MS = 300_000

const receiptSays = (page: Page, reason: string) =>
  page.locator('#reason').getByText(reason).waitFor({ timeout: RETURN_PATIENCE_MS })

const bothCame = (people: Presence[]) => people.length === 2

/** A call whose signalling can be broken. */
async function callThroughProxy() {
  const { hostname, port } = new URL(livekit.url)
  const signal = await startProxy({ host: hostname, port: Number(port) })
  t.teardown(() => signal.close())
  const variables = { LIVEKIT_URL: `ws://127.0.0.1:${signal.port}`, LIVEKIT_API_URL: livekit.url }
  const { url: apiUrl } = await service(t, variables)
  const page = await openPage(t, await openBrowser(), (await backend(t, { apiUrl })).url)
  return { page, roomName: await call(page), signal }
}

// The other tests run while LiveKit's client tries to come back.
const lost = await callThroughProxy()
await lost.signal.set('refuse')

t.test('somebody else ended it; it can be made again', async (t) => {
  const page = await openPage(t, await openBrowser(), webUrl)
  const roomName = await call(page)
  t.equal((await ask(`/v1/chat/voice-sessions/${roomName}`, { method: 'DELETE' })).status, 200)
  await receiptSays(page, 'The call was ended.')
  await connected(page, () => page.getByRole('button', { name: 'Call again' }).click())
  await hangUp(page)
  await page.getByRole('button', { name: 'Choose another agent' }).click()
  await page.getByRole('button', { name: 'Call Support Agent' }).waitFor()
})

t.test('the agent left', async (t) => {
  const { page, roomName, signal } = await callThroughProxy()
  const phaseSays = (sentence: string) => page.locator('#phase').getByText(sentence).waitFor()
  // LiveKit tells of a leave in whole seconds: of a shorter talk nothing may be left to charge.
  await sleep(2000)
  const people = await rooms.listParticipants(roomName)
  const agent = people.find(({ identity }) => identity !== 'user123')
  await rooms.removeParticipant(roomName, agent?.identity as string)
  await phaseSays('Support Agent left. Waiting for a moment…')
  await signal.set('refuse')
  await phaseSays('Connection lost. Reconnecting…')
  await signal.set('pass')
  await phaseSays('Support Agent left. Waiting for a moment…')
  const agentLeft: typeof bothCame = (people) => people.some(({ kind, has_left }) => kind === 'agent' && has_left)
  await backdate(roomName, connection.agentJoinSeconds, (people) => bothCame(people) && agentLeft(people))
  await receiptSays(page, 'Support Agent left the call.')
  t.match(await ended(roomName), { end_reason: 'agent_left', credits_charged: 10 })
})

t.test('the credits ran out', async (t) => {
  const { key: apiKey, agentId } = await createCustomer(db, { credits: 10 })
  const { url } = await backend(t, { apiKey, agents: [{ agent_id: agentId, name: 'Support Agent' }] })
  const page = await openPage(t, await openBrowser(), url)
  await backdate(await call(page), 60, bothCame)
  await receiptSays(page, 'The credits ran out, so the call was ended.')
  await page.getByText('0 credits left').waitFor()
  await screenshot(page, 'receipt-credits-exhausted')
  t.match(await page.locator('#receipt').innerText(), /Talked\s+1:\d\d\s[\s\S]*Charged\s+10 credits/)
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByText('There are no credits left').waitFor()
})

t.test('it was as long as a call may be', async (t) => {
  const page = await openPage(t, await openBrowser(), webUrl)
  const roomName = await call(page)
  await backdate(roomName, 3600, bothCame)
  await receiptSays(page, 'The call reached the longest time allowed.')
  t.match(await page.locator('#receipt').innerText(), /Talked\s+1:00:\d\d\s[\s\S]*Charged\s+600 credits/)
  t.match(await ended(roomName), { end_reason: 'max_duration', credits_charged: 600 })
})

t.test('the connection was lost for good', async (t) => {
  await receiptSays(lost.page, 'The connection was lost.')
  t.match(await ended(lost.roomName), { status: 'ended', credits_charged: 10 })
})
