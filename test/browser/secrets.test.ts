// The API key never reaches the browser: everything that the browser received in a call and in a refused call is searched.
import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openBrowser, openPage } from './browser.ts'
import { connection } from './connection.ts'
import { backend, supportAgent } from './parts.ts'

const { seed, livekit } = connection

/** Records everything that the page receives from now on: headers, bodies, frames of sockets, and its own console. */
function record(page: Page): { received: Map<string, string>; done(): Promise<void> } {
  const received = new Map<string, string>()
  const pending: Promise<void>[] = []
  const keep = (name: string, content: string | Buffer) => {
    received.set(`${received.size} ${name}`, Buffer.from(content).toString('latin1'))
  }
  page.on('response', (response) => {
    const read = async () => {
      keep(`${response.url()} headers`, JSON.stringify(await response.headersArray()))
      keep(`${response.url()} body`, await response.body().catch(() => ''))
    }
    pending.push(read().catch(() => {}))
  })
  page.on('websocket', (socket) => {
    keep('socket', socket.url())
    socket.on('framereceived', ({ payload }) => keep('frame received', payload))
    socket.on('framesent', ({ payload }) => keep('frame sent', payload))
  })
  page.on('console', (message) => keep('console', message.text()))
  return { received, done: async () => void (await Promise.all(pending)) }
}

/** Everything that the page stores: storage of every kind, cookies, and the document itself. */
async function stored(page: Page): Promise<string> {
  const state = await page.context().storageState({ indexedDB: true })
  const inPage = await page.evaluate(async () => ({
    session: { ...sessionStorage },
    html: document.documentElement.outerHTML,
    caches: await caches.keys(),
  }))
  return JSON.stringify([state, inPage])
}

/** What the tokens in a text contain: they are base64. */
function decodedTokens(text: string): string {
  const parts = text.match(/eyJ[A-Za-z0-9_-]+/g) ?? []
  return parts.map((part) => Buffer.from(part, 'base64url').toString('latin1')).join('\n')
}

/** The forms in which a secret could leak by mistake. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const digest = createHash('sha256').update(secret)
  const encoded = [
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(secret),
  ]
  return [secret, secret.slice(8), ...encoded, digest.copy().digest('hex'), digest.digest('base64')]
}

t.test('neither the API key nor LiveKit’s secret is in anything that the browser received', async (t) => {
  const agents = [supportAgent, { agent_id: seed.agents.foreign, name: 'Foreign Agent' }]
  const { url } = await backend(t, { agents })
  const browser = await openBrowser()
  const page = await openPage(t, browser, 'about:blank')
  const { received, done } = record(page)
  await page.goto(url)
  await page.getByRole('button', { name: 'Call Support Agent' }).click()
  await page.locator('#phase').getByText('Connected').waitFor()
  const whileTalking = await stored(page)
  await page.getByRole('button', { name: 'Hang up' }).click()
  await page.getByRole('heading', { name: 'Call ended' }).waitFor()
  const reference = await page.locator('#receipt dd').last().innerText()
  await page.getByRole('button', { name: 'Choose another agent' }).click()
  await page.getByRole('radio', { name: 'Foreign Agent' }).check()
  await page.getByRole('button', { name: 'Call Foreign Agent' }).click()
  await page.getByRole('heading', { name: 'This agent is not available' }).waitFor()
  const maps = await fetch(`${url}/main.js.map`)
  received.set('main.js.map', await maps.text())
  received.set('kept while talking', whileTalking)
  received.set('kept afterwards', await stored(page))
  await done()

  const sources = [...received.keys()]
  const plain = [...received.values()].join('\n')
  const everything = plain + decodedTokens(plain)
  for (const path of [
    '/main.js body',
    '/style.css body',
    '/api/voice/start body',
    '/api/voice/credits body',
    'frame received',
  ]) {
    t.ok(
      sources.some((source) => source.endsWith(path)),
      `${path} was searched`,
    )
  }
  t.ok(everything.includes(reference), 'the search works: it finds the room name')
  t.ok(everything.includes(livekit.apiKey), 'and it finds what is inside the tokens: the name of LiveKit’s key')
  for (const [name, secret] of Object.entries({ 'API key': seed.apiKey, 'LiveKit secret': livekit.apiSecret })) {
    const found = formsOf(secret).filter((text) => everything.includes(text))
    t.same(found, [], `the ${name}, plain or encoded`)
  }
  t.notMatch(everything, /tk_live_[A-Za-z0-9]{8}/, 'no other key')
})
