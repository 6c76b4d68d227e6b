// The code of docs/guide.md, exactly as it is printed there: its backend starts a session, its page makes a call.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import { freeTcpPort } from '../../demo/ports.ts'
import { startProcess } from '../../demo/processes.ts'
import { GREETING_HZ } from '../../demo/tone.ts'
import { until } from '../until.ts'
import { openBrowser, openPage } from './browser.ts'
import { connection } from './connection.ts'
import { ask, newestRoom, SLOW_MS, supportAgent } from './parts.ts'
import { BEEP_HZ, listen, untilHeard } from './sound.ts'

const guide = readFileSync('docs/guide.md', 'utf8')
const [backendSource = '', pageSource = ''] = [...guide.matchAll(/```ts\n(import .*?)```/gs)].map(
  ([, source]) => source,
)

/** Starts the guide's backend for the service at this address, and answers with its own address. */
async function startBackend(t: Test, apiUrl: string): Promise<string> {
  // Under node_modules, so that it finds its packages.
  const folder = join('node_modules', '.cache', 'guide')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'backend.ts')
  writeFileSync(file, backendSource)
  const port = await freeTcpPort()
  const backend = await startProcess({
    name: 'guide',
    command: process.execPath,
    args: ['--import', 'tsx', file],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      TALKIFAI_API_URL: apiUrl,
      TALKIFAI_API_KEY: connection.seed.apiKey,
    },
    logFile: join(t.testdir(), 'guide.log'),
  })
  t.teardown(() => backend.stop())
  const url = `http://127.0.0.1:${port}`
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    )
  await until(answers, SLOW_MS)
  return url
}

t.test('the guide’s backend starts a session, passes refusals on, and says when nobody answers', async (t) => {
  const start = async (apiUrl: string) => {
    const url = await startBackend(t, apiUrl)
    return async (agent_id: string) => {
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'guide-1' }
      const body = JSON.stringify({ agent_id })
      const answer = await fetch(`${url}/api/voice/start`, { method: 'POST', headers, body })
      const { status, headers: given } = answer
      const [requestId, code] = [given.get('X-Request-Id'), given.get('X-Error-Code')]
      return { status, requestId, code, body: await answer.json() }
    }
  }

  const call = await start(connection.url)
  const first = await call(supportAgent.agent_id)
  t.match(first, { status: 200, body: { livekit_url: connection.livekit.url, agent_name: 'Support Agent' } })
  t.equal((await call(supportAgent.agent_id)).body.room_name, first.body.room_name, 'the key is passed on')
  const refused = { detail: 'Agent not found or does not belong to your organization' }
  const expected = { status: 404, requestId: /^[0-9a-f-]{36}$/, code: 'agent_not_found', body: refused }
  t.match(await call('nobody'), expected)
  await ask(`/v1/chat/voice-sessions/${first.body.room_name}`, { method: 'DELETE' })

  const unreachable = await start(`http://127.0.0.1:${await freeTcpPort()}`)
  t.match(await unreachable('nobody'), { status: 500, body: { error: 'Failed to start voice session' } })
})

t.test('the guide’s page, behind the guide’s backend: both sides are heard, and a refusal is thrown', async (t) => {
  const url = await startBackend(t, connection.url)
  const stdin = { contents: pageSource, loader: 'ts', resolveDir: '.' } as const
  const built = await build({ stdin, bundle: true, format: 'iife', globalName: 'guide', write: false })
  // The backend has no page of its own: its 404 forbids scripts.
  const page = await openPage(t, await openBrowser(), url, { bypassCSP: true })
  await page.addScriptTag({ content: built.outputFiles[0]?.text ?? '' })

  const call = (agentId: string) => page.evaluate(async (id) => void (await window.guide.call(id)), agentId)
  await t.rejects(call('nobody'), /Agent not found or does not belong to your organization/)
  await call(supportAgent.agent_id)
  await page.locator('audio').waitFor({ state: 'attached' })
  await listen(page)
  await untilHeard(page, GREETING_HZ)
  await untilHeard(page, BEEP_HZ)
  await ask(`/v1/chat/voice-sessions/${await newestRoom()}`, { method: 'DELETE' })
})

declare global {
  interface Window {
    guide: { call(agentId: string): Promise<unknown> }
  }
}
