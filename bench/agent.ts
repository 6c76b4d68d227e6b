// agent: how soon the agent is sent and heard. A steady 50 sessions a second with a worker that only accepts, beside raw
// CreateRoom; then real calls, beside rooms that the caller's token makes and configures.
import { setTimeout as sleep } from 'node:timers/promises'
import { AccessToken, RoomAgentDispatch, RoomConfiguration } from 'livekit-server-sdk'
import { agentName } from '../accept/postgres-and-livekit.ts'
import { call, endCalling } from '../demo/caller.ts'
import { startWorker } from '../demo/worker.ts'
import { formatRoomName } from '../src/room-name.ts'
import { timesToAssignment } from './assignment.ts'
import { rawCreateRoom, service } from './contestants.ts'
import { medians, playRounds, timesOf } from './figures.ts'
import { ask, type Contestant } from './load.ts'
import type { Outcome } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'

const perSecond = 50

/** A token that makes the room, with its agent, when the caller joins. */
async function tokenAlone({ livekit, customer: { agentId, userId } }: Parts) {
  // Without metadata the worker reads the room's name.
  const room = formatRoomName({ agentId, userId, timestamp: Date.now() })
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { identity: userId, ttl: '1h' })
  token.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true })
  token.roomConfig = new RoomConfiguration({ agents: [new RoomAgentDispatch({ agentName })] })
  return { token: await token.toJwt(), livekit_url: livekit.url }
}

/** Milliseconds from the wish to call to the first sound of the agent, with each way of sending it in turn. */
async function firstSound(parts: Parts, own: Contestant, calls: number) {
  const { url: livekitUrl, apiKey, apiSecret } = parts.livekit
  process.env.IDLE_PROCESSES = '2'
  const worker = await startWorker({ livekitUrl, apiKey, apiSecret, agentName, logFile: parts.log('worker') })
  const hear = async (way: () => Promise<{ token: string; livekit_url: string }>) => {
    const startedAt = performance.now()
    const { firstAgentAudioMs, problem } = await call(await way(), startedAt)
    if (firstAgentAudioMs === undefined) throw new Error(problem)
    await sleep(3000)
    return firstAgentAudioMs
  }
  const rounds = await playRounds(calls, async () => ({
    service: await hear(async () => JSON.parse((await ask(own.url, own.next())).text)),
    token: await hear(() => tokenAlone(parts)),
  }))
  await worker.stop()
  endCalling()
  return medians(rounds)
}

export async function agent({ short }: { short: boolean }): Promise<Outcome> {
  // The rooms of a token are made when the caller joins.
  const parts = await startParts({ auto_create: true })
  const contestants = {
    raw: await rawCreateRoom(parts),
    own: service(await parts.startService(), parts.customers),
  }
  const pace = { perSecond, seconds: short ? 5 : 15 }
  const times = { raw: [] as number[], own: [] as number[] }
  // Twice, so that neither has the warmer half.
  for (const who of ['raw', 'own', 'raw', 'own'] as const)
    times[who].push(...(await timesToAssignment(parts, contestants[who], pace)))
  const sound = await firstSound(parts, contestants.own, short ? 2 : 20)
  await parts.stop()
  const [raw, own] = [timesOf(times.raw), timesOf(times.own)]
  return {
    rows: [
      { name: `${perSecond}/s, raw CreateRoom to assigned`, p50_ms: raw.p50, p95_ms: raw.p95 },
      { name: `${perSecond}/s, this service to assigned`, p50_ms: own.p50, p95_ms: own.p95 },
      { name: 'first sound, room configured by the token', p50_ms: sound.token },
      { name: 'first sound, this service', p50_ms: sound.service },
    ],
    targets: [
      { what: 'p95 to assigned beside raw CreateRoom', reached: own.p95 / raw.p95, most: 1.1 },
      { what: 'first sound beside a room configured by the token', reached: sound.service / sound.token, most: 1 },
    ],
  }
}
