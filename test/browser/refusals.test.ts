// Each refusal that the API can answer with, caused for real: what the page says then, and what the caller can do next.
import t from 'tap'
import { createCustomer } from '../../accept/customer.ts'
import { createAgent } from '../../src/repositories/agents.ts'
import { grantCredits } from '../../src/repositories/credit-grants.ts'
import { createDatabase } from '../../src/repositories/database.ts'
import { through } from '../through.ts'
import { call, connected, hangUp } from './calling.ts'
import { connection } from './connection.ts'
import { expectProblem, failToCall } from './failed-call.ts'
import { ask, backend, service, supportAgent } from './parts.ts'

const { seed } = connection
const RETRY = ['Try again']
const db = createDatabase(connection.databaseUrl)
t.teardown(() => db.destroy())

t.test('402: the credits went after the page was opened', async (t) => {
  const { key: apiKey, agentId, organizationId } = await createCustomer(db, { credits: 10 })
  const { url } = await backend(t, { apiKey, agents: [{ agent_id: agentId, name: 'Poor Agent' }] })
  const problem = { title: 'Not enough credits', advice: /at least one minute/, buttons: RETRY }
  const before = () => grantCredits(db, { id: `taken-${agentId}`, organization_id: organizationId, amount: -10 })
  const page = await failToCall(t, url, problem, { before })
  t.match(await page.locator('#reference').innerText(), /^Reference: [0-9a-f-]{36}$/, 'what to quote to support')
})

t.test('400: an agent that has lost its voice; the caller can choose another, and it answers', async (t) => {
  const { organizationId: organization_id } = seed
  const agent = { organization_id, name: 'Mute Agent', architecture: 'pipeline', credits_per_minute: 10 }
  const agent_id = (await createAgent(db, agent))?.id as string
  const { url } = await backend(t, { agents: [{ agent_id, name: 'Mute Agent' }, supportAgent] })
  const before = () => db.updateTable('agents').set({ architecture: 'text' }).where('id', '=', agent_id).execute()
  const problem = {
    title: 'This agent does not talk',
    advice: /only writes/,
    buttons: ['Choose another agent'],
  }
  const page = await failToCall(t, url, problem, { before })
  await page.getByRole('button', { name: 'Choose another agent' }).click()
  t.equal(
    await page.evaluate(() => document.activeElement?.getAttribute('type')),
    'radio',
    'the focus is on the agents',
  )
  await page.getByRole('radio', { name: 'Support Agent' }).check()
  await call(page)
  await hangUp(page)
})

t.test('400: an agent id that is blank', async (t) => {
  const { url } = await backend(t, { agents: [{ agent_id: ' ', name: 'Blank Agent' }] })
  const problem = { title: 'The call was not understood', advice: /“Agent ID is required”/, buttons: ['Back'] }
  await failToCall(t, url, problem)
})

t.test('413: as for every refusal without a text of its own, the page shows the service’s sentence', async (t) => {
  const { url } = await backend(t, { agents: [{ agent_id: 'a'.repeat(20_000), name: 'Long Agent' }] })
  const problem = { title: 'The call could not be set up', advice: /“Request body too large”/, buttons: RETRY }
  await failToCall(t, url, problem)
})

t.test('404: another organization’s agent', async (t) => {
  const agents = [{ agent_id: seed.agents.foreign, name: 'Foreign Agent' }, supportAgent]
  const { url } = await backend(t, { agents })
  const buttons = ['Choose another agent']
  await failToCall(t, url, { title: 'This agent is not available', advice: /Choose another/, buttons })
})

t.test('401: a key that is not valid', async (t) => {
  const { url } = await backend(t, { apiKey: 'tk_live_revoked' })
  await failToCall(t, url, { title: 'This page may not make calls', advice: /API key is not valid/, buttons: ['Back'] })
})

t.test('429: too many requests', async (t) => {
  const { url: apiUrl } = await service(t, { RATE_LIMIT_PER_MINUTE: '1' })
  const { url } = await backend(t, { apiUrl })
  const problem = { title: 'Too many attempts', advice: /Try again in (\d+ seconds|a second)\./, buttons: RETRY }
  await failToCall(t, url, problem)
})

t.test('429: the organization has as many calls as it may have', async (t) => {
  const { key: apiKey, agentId } = await createCustomer(db, { maxSessions: 1 })
  const open = await fetch(`${connection.url}/v1/chat/voice-sessions`, {
    method: 'POST',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ agent_id: agentId }),
  })
  const { room_name } = await open.json()
  const { url } = await backend(t, { apiKey, agents: [{ agent_id: agentId, name: 'Busy Agent' }] })
  const page = await failToCall(t, url, { title: 'All lines are busy', advice: /in 5 seconds\./, buttons: RETRY })

  await ask(`/v1/chat/voice-sessions/${room_name}`, { method: 'DELETE', apiKey })
  await connected(page, () => page.getByRole('button', { name: 'Try again' }).click())
  await hangUp(page)
})

t.test('500: LiveKit does not make the room', async (t) => {
  const { url: apiUrl } = await service(t, { LIVEKIT_API_URL: 'ws://127.0.0.1:9' })
  const { url } = await backend(t, { apiUrl })
  await failToCall(t, url, { title: 'The call could not be set up', advice: /Nothing was charged/, buttons: RETRY })
})

t.test('503: the service has lost its database', async (t) => {
  const { proxy, url: DATABASE_URL } = await through(t, connection.databaseUrl)
  const { url: apiUrl } = await service(t, { DATABASE_URL })
  const { url } = await backend(t, { apiUrl })
  const problem = { title: 'The voice service is overloaded', advice: /Try again in a second\./, buttons: RETRY }
  const page = await failToCall(t, url, problem, { before: () => proxy.set('refuse') })
  await proxy.set('pass')
  await connected(page, () => page.getByRole('button', { name: 'Try again' }).click())
  await hangUp(page)
})

t.test('the service is stopped', async (t) => {
  const { url: apiUrl, stop } = await service(t)
  const { url } = await backend(t, { apiUrl })
  const problem = { title: 'The voice service does not answer', advice: /Nothing was charged/, buttons: RETRY }
  await failToCall(t, url, problem, { before: () => stop() })
})

t.test('the backend proxy is stopped', async (t) => {
  const { url, stop } = await backend(t)
  const problem = { title: 'No connection', advice: /internet connection/, buttons: RETRY }
  const page = await failToCall(t, url, problem, { before: () => stop() })
  await page.getByRole('button', { name: 'Try again' }).click()
  await expectProblem(t, page, problem)
})
