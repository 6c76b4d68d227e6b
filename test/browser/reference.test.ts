// The static reference, opened as a file: it needs no network, and all of it is there at once.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { referencePage } from '../../reference/page.ts'
import { openBrowser, openPage, screenshot } from './browser.ts'

const html = referencePage(parse(readFileSync('openapi.yaml', 'utf8')), 'https://voice.example.com')

t.test('the reference asks for nothing but itself, and shows every operation without a click', async (t) => {
  const file = `file://${t.testdir({ 'index.html': html })}/index.html`
  const page = await openPage(t, await openBrowser(), 'about:blank')
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(file)
  const all = page.locator('section:has(.shown):not(#top)')
  const sent = page.getByText('Sent to your endpoint')
  t.equal(await all.filter({ has: sent }).count(), 6, 'webhooks')
  const operations = await all.filter({ hasNot: sent }).all()
  t.equal(operations.length, 9)
  for (const operation of operations) {
    const { height = 0 } = (await operation.boundingBox()) ?? {}
    t.ok(height > 800, `${await operation.getAttribute('id')} is ${height} pixels high`)
    for (const label of ['curl', 'Python', 'TypeScript'])
      t.ok(await operation.getByText(label, { exact: true }).isVisible())
  }
  await page.locator('nav').getByText('End a voice session').click()
  await screenshot(page, 'reference')
  const outside = asked.filter((url) => !url.startsWith('data:'))
  t.strictSame([...new Set(outside.map((url) => url.split('#')[0]))], [file])
})
