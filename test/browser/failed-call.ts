// Makes a call that fails, and checks what the page shows, what a screen reader is told, and where the focus is.
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { type Microphone, openBrowser, openPage, screenshot } from './browser.ts'

/** What the page says about a call that failed. */
export interface Problem {
  title: string
  advice: RegExp
  /** The buttons that it offers. */
  buttons: string[]
}

export interface Attempt {
  microphone?: Microphone
  /** Done once the page is loaded, before the call. */
  before?: (page: Page) => Promise<unknown>
  /** Done while the page waits for the agent. */
  waiting?: () => Promise<unknown>
  flags?: string[]
}

/** Calls with the page at this address, and answers with the page once it shows the problem. */
export async function failToCall(t: Test, url: string, problem: Problem, attempt: Attempt = {}): Promise<Page> {
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
  await expectProblem(t, page, problem)
  await screenshot(page, `problem-${problem.title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`)
  return page
}

/** The page shows this problem, a screen reader is told of it, and the focus is on it. */
export async function expectProblem(t: Test, page: Page, { title, advice, buttons }: Problem): Promise<void> {
  await page.getByRole('heading', { name: title }).waitFor()
  t.match(await page.locator('#advice').innerText(), advice)
  t.match(await page.getByRole('alert').textContent(), `${title}. `, 'a screen reader is told')
  t.equal(await page.evaluate(() => document.activeElement?.id), 'problem-title', 'the focus is on it')
  t.same(await page.locator('#problem').getByRole('button').allInnerTexts(), buttons)
}
