// What the page says of each agent before the call, and whom it does not let the caller choose.
import t from 'tap'
import { createCustomer } from '../../accept/customer.ts'
import { createAgent } from '../../src/repositories/agents.ts'
import { grantCredits } from '../../src/repositories/credit-grants.ts'
import { createDatabase } from '../../src/repositories/database.ts'
import { openBrowser, openPage, screenshot } from './browser.ts'
import { connection } from './connection.ts'
import { backend } from './parts.ts'

const db = createDatabase(connection.databaseUrl)
t.teardown(() => db.destroy())

t.test('price and limit are shown; who only writes, or costs too much, cannot be chosen', async (t) => {
  const { key: apiKey, agentId, organizationId: organization_id } = await createCustomer(db, { credits: 15 })
  const other = async (name: string, architecture: string, credits_per_minute: number) => {
    const agent = await createAgent(db, { organization_id, name, architecture, credits_per_minute })
    return { agent_id: agent?.id as string, name }
  }
  const agents = [
    await other('Chat Agent', 'text', 1),
    await other('Dear Agent', 'realtime', 16),
    { agent_id: agentId, name: 'Support Agent' },
  ]
  const { url } = await backend(t, { apiKey, agents })
  const page = await openPage(t, await openBrowser(), url)
  const radio = (name: string) => page.getByRole('radio', { name })
  await radio('Support Agent 10 credits a minute, 60 minutes at most.').waitFor()
  t.ok(await radio('Chat Agent').isDisabled())
  t.ok(await radio('It only writes.').isDisabled(), 'and it says why')
  t.ok(await radio('Dear Agent 16 credits a minute, 60 minutes at most. Not enough credits.').isDisabled())
  t.ok(await radio('Support Agent').isChecked(), 'the first that can be called is chosen')
  t.ok(await page.getByRole('button', { name: 'Call Support Agent' }).isEnabled())
  t.notOk(await page.getByText('Nobody here can be called now.').isVisible())
  await screenshot(page, 'idle-offers')

  const grant = (id: string, amount: number) => grantCredits(db, { id: `${id}-${agentId}`, organization_id, amount })
  const comeBack = () => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await grant('more', 1)
  await comeBack()
  await page.locator('#agents').getByText('Not enough credits.').waitFor({ state: 'detached' })
  t.ok(await radio('Dear Agent').isEnabled(), 'credits that came meanwhile count')

  await grant('less', -16)
  await comeBack()
  await page.getByText('Nobody here can be called now.').waitFor()
  t.ok(await radio('Support Agent 10 credits a minute, 60 minutes at most. Not enough credits.').isDisabled())
  t.ok(await page.getByRole('button', { name: 'Call Support Agent' }).isDisabled())
  await screenshot(page, 'idle-nobody')
})
