// A spoken call: a real agent worker, a real caller, sound in both directions.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { call, endCalling } from '../demo/caller.ts'
import { startWorker } from '../demo/worker.ts'
import { build, parts, until } from './helper.ts'

t.test('the caller hears the agent, the agent hears the caller, and hanging up ends the session', async (t) => {
  const { livekitUrl, livekitApiKey: apiKey, livekitApiSecret: apiSecret } = parts
  const agentName = `worker-${randomUUID()}`
  const logFile = join(t.testdir(), 'worker.log')
  const worker = await startWorker({ livekitUrl, apiKey, apiSecret, agentName, logFile })
  t.teardown(() => worker.stop())
  const service = await build(t, { LIVEKIT_AGENT_NAME: agentName })

  const startedAt = performance.now()
  const { json } = await service.create()
  const heard = await call(json, startedAt, 60_000)
  endCalling()
  t.equal(heard.problem, undefined)
  t.ok(heard.callerHeardAgent)
  t.ok(heard.agentHeardCaller)

  // No webhook reaches this service: it finds the end by itself.
  const ended = await until(async () => {
    const session = await service.get(`/v1/chat/voice-sessions/${json.room_name}`)
    return session.json.status === 'ended' && session.json
  }, 180_000)
  t.ok(['caller_left', 'caller_never_joined'].includes(ended.end_reason), ended.end_reason)
})
