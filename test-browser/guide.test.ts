// The guide's backend, as it is printed there: started, and asked for a session.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { startProcess } from '../demo/processes.ts'
import { connection } from './connection.ts'
import { ask, supportAgent, until } from './parts.ts'

t.test('the guide’s backend starts a session, passes refusals on, and says when nobody answers', async (t) => {
  const [, source = ''] = /```ts\n(import express.*?)```/s.exec(readFileSync('docs/guide.md', 'utf8')) ?? []
  // Where its packages are found.
  const folder = join('node_modules', '.cache', 'guide')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'backend.ts')
  writeFileSync(file, source)

  const start = async (apiUrl: string) => {
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
    const url = `http://127.0.0.1:${port}/api/voice/start`
    await until(() =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    )
    return async (agent_id: string) => {
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'guide-1' }
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ agent_id }) })
      return { status: answer.status, requestId: answer.headers.get('X-Request-Id'), body: await answer.json() }
    }
  }

  const call = await start(connection.url)
  const first = await call(supportAgent.agent_id)
  t.match(first, { status: 200, body: { livekit_url: connection.livekit.url, agent_name: 'Support Agent' } })
  t.equal((await call(supportAgent.agent_id)).body.room_name, first.body.room_name, 'the key is passed on')
  const refused = { detail: 'Agent not found or does not belong to your organization' }
  t.match(await call('nobody'), { status: 404, requestId: /^[0-9a-f-]{36}$/, body: refused })
  await ask(`/v1/chat/voice-sessions/${first.body.room_name}`, { method: 'DELETE' })

  const unreachable = await start(`http://127.0.0.1:${await freeTcpPort()}`)
  t.match(await unreachable('nobody'), { status: 500, body: { error: 'Failed to start voice session' } })
})
