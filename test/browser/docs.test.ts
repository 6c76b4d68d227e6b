// Swagger UI with the running service: a developer enters a key and sends the documented example.
import type { Page } from 'playwright-core'
import t from 'tap'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { connection } from './connection.ts'
import { ask, sessionOf } from './parts.ts'

const { seed, url, livekit } = connection
const endpoint = `${url}/v1/chat/voice-sessions`

async function authorize(page: Page, apiKey: string): Promise<void> {
  await page.locator('.btn.authorize').click()
  const dialog = page.locator('.modal-ux')
  await dialog.getByText('X-API-Key').waitFor()
  const remove = dialog.getByRole('button', { name: 'Remove authorization' })
  if (await remove.isVisible()) await remove.click()
  await dialog.getByRole('textbox').fill(apiKey)
  await dialog.getByRole('button', { name: 'Apply credentials' }).click()
  await remove.waitFor()
  await dialog.getByRole('button', { name: 'Close', exact: true }).first().click()
}

t.test('the page is this service’s: no bar of others, its own title and icon, and more to read', async (t) => {
  const page = await openPage(t, await openBrowser(), `${url}/docs`)
  await page.locator('.opblock').first().waitFor()
  t.equal(await page.title(), 'Voice sessions API')
  t.match(await page.locator('link[rel=icon]').getAttribute('href'), 'icon.svg')
  t.equal(await page.locator('.topbar').count(), 0)
  t.equal(await page.getByText('Explore').count(), 0)
  t.equal(await page.locator('.schemes-server-container').isVisible(), false, 'its only server is where the page is')
  await screenshot(page, 'swagger-ui-top')
  const links = await page.locator('.documents a').evaluateAll((all) => all.map((link) => String(link)))
  t.strictSame(links, [`${url}/docs/README.md`, `${url}/docs/guide.md`, `${url}/openapi.yaml`])
  for (const link of links) t.equal((await fetch(link)).status, 200, link)
})

t.test('an operation fits two screens: its errors are folded, and each opens by itself', async (t) => {
  const page = await openPage(t, await openBrowser(), `${url}/docs`, { viewport: { width: 1280, height: 950 } })
  await page.locator('.opblock').first().waitFor()
  for (const operation of await page.locator('.opblock:not(.webhooks .opblock)').all()) {
    await operation.locator('.opblock-summary-control').click()
    await operation.locator('.folded-response').first().waitFor()
    const { height = Infinity } = (await operation.boundingBox()) ?? {}
    t.ok(height <= 2 * 950, `${await operation.getAttribute('id')} is ${height} pixels high`)
    const errors = operation.locator('.folded-response')
    t.ok((await errors.count()) >= 8)
    t.equal(await errors.filter({ has: page.locator('.example:visible') }).count(), 0)
  }
  const unauthorized = page.locator('[id$="-createVoiceSession"] .folded-response').filter({ hasText: '401' })
  await unauthorized.locator('summary').press('Enter')
  await unauthorized.getByText('"Invalid API key"').waitFor()
  await screenshot(page, 'swagger-ui-folded')
})

t.test('a key is kept over a reload', async (t) => {
  const page = await openPage(t, await openBrowser(), `${url}/docs`)
  await authorize(page, seed.apiKey)
  await page.reload()
  const operation = page.locator('[id$="-getCredits"]')
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  await operation.locator('.live-responses-table .response-col_status').getByText('200').waitFor()
})

t.test('the documented example is answered with a session, and a wrong key with a 401', async (t) => {
  const page = await openPage(t, await openBrowser(), `${url}/docs`)
  const failed: string[] = []
  page.on('requestfailed', (request) => failed.push(request.url()))
  page.on('console', (message) => message.type() === 'error' && failed.push(message.text()))
  const operation = page.locator('[id$="-createVoiceSession"]')
  const live = operation.locator('.live-responses-table')

  await authorize(page, seed.apiKey)
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  const body = JSON.parse(await operation.locator('textarea.body-param__text').inputValue())
  t.same(body, { agent_id: '5b710eca-ee67-4c3a-aeb6-8b541f451b40' }, 'as the document has it')
  const answered = page.waitForResponse(endpoint)
  await operation.getByRole('button', { name: 'Execute' }).click()
  await live.locator('.response-col_status').getByText('200').waitFor()
  await screenshot(page, 'swagger-ui')
  const session = await (await answered).json()
  await live.getByText(session.room_name).first().waitFor()
  t.match(session, { livekit_url: livekit.url, agent_name: 'Support Agent' })
  t.match(await sessionOf(session.room_name), { status: 'active', agent_id: body.agent_id })
  t.notOk('idempotency-key' in (await (await answered).request().allHeaders()), 'each try is a new call')
  t.same(failed, [], 'everything that the page loads is there and allowed')
  await ask(`/v1/chat/voice-sessions/${session.room_name}`, { method: 'DELETE' })

  await authorize(page, 'tk_live_wrong')
  await operation.getByRole('button', { name: 'Execute' }).click()
  await live.locator('.response-col_status').getByText('401').waitFor()
  await live.getByText('Invalid API key').first().waitFor()
})
