// How the page looks on a phone and on a desktop, dark and light: everything fits, and axe finds nothing that keeps people
// from using it.
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { connection } from './connection.ts'
import { backend } from './parts.ts'

const { seed } = connection
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const screens = {
  'desktop-light': { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  'desktop-dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  'phone-light': { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, colorScheme: 'light' },
  'phone-dark': { viewport: { width: 320, height: 568 }, deviceScaleFactor: 2, hasTouch: true, colorScheme: 'dark' },
} as const

async function check(t: Test, page: Page, name: string): Promise<void> {
  await screenshot(page, name)
  const { violations } = (await page.evaluate(
    `${axe.source}; axe.run({ runOnly: ${JSON.stringify(TAGS)} })`,
  )) as axe.AxeResults
  const found = violations.map(({ id, nodes }) => [
    id,
    ...nodes.map(({ html, failureSummary }) => html + failureSummary),
  ])
  t.same(found, [], `${name}: axe finds nothing`)
  const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
  t.equal(await page.evaluate(overflow), 0, `${name}: nothing is wider than the screen`)
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button')]
      .filter((button) => button.checkVisibility() && button.getBoundingClientRect().height < 44)
      .map((button) => button.textContent),
  )
  t.same(small, [], `${name}: every button is large enough for a thumb`)
}

for (const [name, options] of Object.entries(screens)) {
  t.test(`${name}: every state of the page`, async (t) => {
    const agents = [
      { agent_id: seed.agents.pipeline, name: 'Support Agent' },
      { agent_id: seed.agents.foreign, name: 'Donaudampfschifffahrtsgesellschaft Auskunft' },
    ]
    const { url } = await backend(t, { agents })
    const page = await openPage(t, await openBrowser(), url, options)
    await page.locator('#credits').getByText('credits left').waitFor()
    await check(t, page, `${name}-idle`)
    await page.getByRole('button', { name: 'Call Support Agent' }).click()
    await page.locator('#phase').getByText('Connected').waitFor()
    await page.getByRole('timer').getByText('0:02').waitFor()
    await check(t, page, `${name}-call`)
    const bottom = (await page.getByRole('button', { name: 'Hang up' }).boundingBox())?.y ?? Infinity
    t.ok(bottom + 64 < options.viewport.height, `${name}: "Hang up" is there without scrolling`)
    await page.getByRole('button', { name: 'Mute' }).click()
    await check(t, page, `${name}-muted`)
    await page.getByRole('button', { name: 'Hang up' }).click()
    await page.getByRole('heading', { name: 'Call ended' }).waitFor()
    await check(t, page, `${name}-receipt`)
    await page.getByRole('button', { name: 'Choose another agent' }).click()
    await page.getByRole('radio', { name: 'Donau' }).check()
    await page.getByRole('button', { name: 'Call Donau' }).click()
    await page.getByRole('heading', { name: 'This agent is not available' }).waitFor()
    await check(t, page, `${name}-problem`)
  })
}
