// A spoken call: a real agent worker, a real caller, sound in both directions, and a reaper that sees them.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { sql } from 'kysely'
import t from 'tap'
import { type Caller, type CallerSession, endCalling, joinAsCaller } from '../demo/caller.ts'
import { startWorker } from '../demo/worker.ts'
import { build, parts, until } from './helper.ts'

/** Joins until both directions are heard: the greeting is one short tone, given to whoever comes back, too. */
async function converse(session: CallerSession): Promise<Caller> {
  for (let attempt = 1; ; attempt++) {
    const caller = await joinAsCaller(session)
    const isHeard = async () => caller.heard.greeting !== undefined && caller.heard.echo !== undefined
    const heard = await until(isHeard, 30_000).catch((error) => {
      if (attempt === 3) throw error
      return false
    })
    if (heard) return caller
    await caller.leave()
  }
}

t.test('caller and agent hear each other, are seen, and pay one minute when the call is ended', async (t) => {
  const { livekitUrl, livekitApiKey: apiKey, livekitApiSecret: apiSecret } = parts
  const agentName = `worker-${randomUUID()}`
  const logFile = join(t.testdir(), 'worker.log')
  const worker = await startWorker({ livekitUrl, apiKey, apiSecret, agentName, logFile })
  t.teardown(() => worker.stop())
  const service = await build(t, { LIVEKIT_AGENT_NAME: agentName })

  const { json } = await service.create()
  const { heard, leave } = await converse(json)
  t.teardown(() => leave().then(endCalling))

  // None of LiveKit's events reaches this service: what it knows of the call it has from its own look.
  const path = `/v1/chat/voice-sessions/${json.room_name}`
  t.notOk('agent_joined_at' in (await service.get(path)).json)
  await sql`UPDATE voice_sessions SET wake_at = now()`.execute(service.db)
  const seen = async () => 'agent_joined_at' in (await service.get(path)).json && (await service.credits()) === 940
  await until(seen, 60_000)
  t.match((await service.get(path)).json, { status: 'active', caller_joined_at: String, agent_joined_at: String })

  const ended = await service.request(path, { method: 'DELETE', headers: service.authorized })
  t.match(ended.json, { status: 'ended', end_reason: 'ended_by_api', credits_charged: 10 })
  t.equal(await service.credits(), 990)
  await until(async () => heard.disconnected !== undefined, 60_000)
})
