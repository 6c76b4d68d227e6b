// A call that fails, as its caller meets it: what the page shows, what a screen reader is told, where the focus is.
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { type Microphone, openBrowser, openPage, screenshot } from './browser.ts'

export interface Trouble {
  title: string
  advice: RegExp
  /** What can be pressed then. */
  buttons: string[]
}

export interface Attempt {
  microphone?: Microphone
  /** Done when the page is there, before the call. */
  before?: (page: Page) => Promise<unknown>
  /** Done while the page waits for the agent. */
  waiting?: () => Promise<unknown>
  flags?: string[]
}

/** Calls with the page at this address; the page that is left shows the trouble. */
export async function failToCall(t: Test, url: string, trouble: Trouble, attempt: Attempt = {}): Promise<Page> {
  const browser = await openBrowser(attempt.microphone, attempt.flags)
  const page = await openPage(t, browser, url)
  const call = page.getByRole('button', { name: /^Call / })
  await call.waitFor()
  await attempt.before?.(page)
  await call.click()
  if (attempt.waiting)
    await page
      .locator('#phase')
      .getByText(/^Waiting for /)
      .waitFor()
      .then(attempt.waiting)
  await meet(t, page, trouble)
  await screenshot(page, `problem-${trouble.title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`)
  return page
}

/** The page shows, says and focuses the trouble. */
export async function meet(t: Test, page: Page, { title, advice, buttons }: Trouble): Promise<void> {
  await page.getByRole('heading', { name: title }).waitFor()
  t.match(await page.locator('#advice').innerText(), advice)
  t.match(await page.getByRole('alert').textContent(), `${title}. `, 'a screen reader is told')
  t.equal(await page.evaluate(() => document.activeElement?.id), 'problem-title', 'the focus is on it')
  t.same(await page.locator('#problem').getByRole('button').allInnerTexts(), buttons)
}
