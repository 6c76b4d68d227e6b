// A call with the page, from the first click to the receipt, and its session in the service.
import type { Page } from 'playwright-core'
import { until } from '../until.ts'
import { SLOW_MS, sessionOf } from './parts.ts'

/** Presses "Call …" and waits until the page shows that the call is connected; answers with the room's name. */
export async function call(page: Page, agentName = 'Support Agent'): Promise<string> {
  return connected(page, () => page.getByRole('button', { name: `Call ${agentName}` }).click())
}

/** The same for another button that calls, such as "Try again". */
export async function connected(page: Page, press: () => Promise<unknown>): Promise<string> {
  const started = page.waitForResponse('**/api/voice/start')
  await press()
  const { room_name } = await (await started).json()
  await page.locator('#phase').getByText('Connected').waitFor()
  return room_name
}

export async function hangUp(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Hang up' }).click()
  await page.getByRole('heading', { name: 'Call ended' }).waitFor()
}

/** Waits until the session has ended, and answers with it. */
export const ended = (roomName: string) =>
  until(async () => {
    const session = await sessionOf(roomName)
    return session.status === 'ended' && session
  }, SLOW_MS)
