// Swagger UI against the running service: a key, the documented example, and its 200.
import t from 'tap'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { connection } from './connection.ts'
import { ask, sessionOf } from './parts.ts'

const { seed, url, livekit } = connection

t.test('try it out: the documented example is answered with a session', async (t) => {
  const page = await openPage(t, await openBrowser(t), `${url}/docs`)
  const failed: string[] = []
  page.on('requestfailed', (request) => failed.push(request.url()))
  page.on('console', (message) => message.type() === 'error' && failed.push(message.text()))

  await page.getByRole('button', { name: 'Authorize' }).click()
  const dialog = page.locator('.modal-ux')
  await dialog.getByText('X-API-Key').waitFor()
  await dialog.getByRole('textbox').fill(seed.apiKey)
  await dialog.getByRole('button', { name: 'Apply credentials' }).click()
  await dialog.getByRole('button', { name: 'Remove authorization' }).waitFor()
  await dialog.getByRole('button', { name: 'Close', exact: true }).first().click()

  const operation = page.locator('[id$="-createVoiceSession"]')
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  const body = await operation.locator('textarea.body-param__text').inputValue()
  t.same(JSON.parse(body), { agent_id: '5b710eca-ee67-4c3a-aeb6-8b541f451b40' }, 'as the document has it')
  const answered = page.waitForResponse(`${url}/v1/chat/voice-sessions`)
  await operation.getByRole('button', { name: 'Execute' }).click()

  const live = operation.locator('.live-responses-table')
  await live.locator('.response-col_status').getByText('200').waitFor()
  await screenshot(page, 'swagger-ui')
  const session = await (await answered).json()
  t.match(session, { livekit_url: livekit.url, agent_name: 'Support Agent' })
  await live.getByText(session.room_name).first().waitFor()
  t.match(await sessionOf(session.room_name), { status: 'active', agent_id: JSON.parse(body).agent_id })
  t.equal(
    await operation
      .locator('.request-url')
      .innerText()
      .then((text) => text.trim().split('\n').at(-1)),
    `${url}/v1/chat/voice-sessions`,
  )
  t.same(failed, [], 'all that the page wanted to load was allowed, and was there')
  await ask(`/v1/chat/voice-sessions/${session.room_name}`, { method: 'DELETE' })
})

t.test('try it out: an empty idempotency key is not sent, a wrong API key gets the documented 401', async (t) => {
  const page = await openPage(t, await openBrowser(t), `${url}/docs`)
  await page.getByRole('button', { name: 'Authorize' }).click()
  const dialog = page.locator('.modal-ux')
  await dialog.getByRole('textbox').fill('tk_live_wrong')
  await dialog.getByRole('button', { name: 'Apply credentials' }).click()
  await dialog.getByRole('button', { name: 'Close', exact: true }).first().click()
  const operation = page.locator('[id$="-createVoiceSession"]')
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  const sent = page.waitForRequest(`${url}/v1/chat/voice-sessions`)
  await operation.getByRole('button', { name: 'Execute' }).click()
  const live = operation.locator('.live-responses-table')
  await live.locator('.response-col_status').getByText('401').waitFor()
  await live.getByText('Invalid API key').first().waitFor()
  const headers = await (await sent).allHeaders()
  t.equal(headers['x-api-key'], 'tk_live_wrong')
  t.notOk('idempotency-key' in headers)
})
