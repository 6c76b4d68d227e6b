// A whole call with the page, by keyboard: what the caller says and what the agent says is heard on the other side.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { GREETING_HZ } from '../../demo/tone.ts'
import { until } from '../until.ts'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { connection } from './connection.ts'
import { ask, newestRoom, SLOW_MS, sessionOf } from './parts.ts'
import { BEEP_HZ, listen, loudest, untilHeard } from './sound.ts'

t.test('a call is made, heard on both sides, ended and charged, and its receipt is shown', async (t) => {
  const browser = await openBrowser()
  const page = await openPage(t, browser, connection.webUrl)
  await page.getByRole('radio', { name: 'Support Agent' }).waitFor()
  await page
    .locator('#credits')
    .getByText(/credits left/)
    .waitFor()
  // What calls of earlier tests hold would come back meanwhile.
  const before = await until(async () => {
    const { body } = await ask('/v1/credits')
    return body.held === 0 && body
  }, SLOW_MS)
  await screenshot(page, 'idle')

  t.comment('by keyboard: the second agent is chosen, then the first, then a name, then Enter')
  await page.getByRole('radio', { name: 'Support Agent' }).focus()
  await page.keyboard.press('ArrowDown')
  await page.getByRole('button', { name: 'Call Sales Agent' }).waitFor()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Tab')
  await page.keyboard.type(' Ana ')
  await page.keyboard.press('Tab')
  t.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Call Support Agent')
  await page.keyboard.press('Enter')

  await page.getByRole('status').getByText('Connected').waitFor({ state: 'attached' })
  await listen(page)
  t.equal(await page.evaluate(() => document.activeElement?.id), 'agent-name', 'the focus is on the call')

  await untilHeard(page, GREETING_HZ)
  t.pass('the agent is heard in the page')
  await untilHeard(page, BEEP_HZ)
  t.pass('the agent hears the microphone: it repeats the beep')
  await page.waitForFunction(() => (document.querySelector<HTMLMeterElement>('#agent-level')?.value ?? 0) > 0.2)
  await page.waitForFunction(() => (document.querySelector<HTMLMeterElement>('#caller-level')?.value ?? 0) > 0.2)
  await page.getByRole('timer').getByText('0:03').waitFor()
  await screenshot(page, 'call')

  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Mute', pressed: true }).waitFor()
  await sleep(3000)
  t.ok((await loudest(page, 1500)) < -60, 'muted: the agent hears nothing that it could repeat')
  t.equal(await page.evaluate(() => document.querySelector<HTMLMeterElement>('#caller-level')?.value), 0)
  await screenshot(page, 'muted')
  await page.keyboard.press('Space')
  await untilHeard(page, BEEP_HZ)
  t.pass('not muted any more: the agent repeats the beep again')

  const roomName = await newestRoom()
  t.match(await sessionOf(roomName), { status: 'active', metadata: { name: 'Ana' } })
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Call ended' }).waitFor()
  t.equal(await page.evaluate(() => document.activeElement?.id), 'receipt-title', 'the focus is on the receipt')
  const receipt = await page.locator('#receipt').innerText()
  t.match(receipt, /You hung up\./)
  t.match(receipt, /Talked\s+0:\d\d/)
  t.match(receipt, /Started minutes\s+1\s/)
  t.match(receipt, /Charged\s+10 credits/)
  t.match(receipt, /The agent knew\s+name: Ana/)
  t.ok(receipt.includes(roomName))
  await page.getByText(`${(before.available - 10).toLocaleString('en')} credits left`).waitFor()
  await screenshot(page, 'receipt')

  const session = await sessionOf(roomName)
  t.match(session, { status: 'ended', end_reason: 'ended_by_api', credits_charged: 10 })
  t.equal(await page.locator('audio').count(), 0, 'nothing is played any more')
  t.match((await ask('/v1/credits')).body, { available: before.available - 10, held: before.held })
})
