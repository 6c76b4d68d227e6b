// agent: how soon the agent is sent and heard. A steady 50 sessions a second with a worker that only accepts, beside raw
// CreateRoom; then real calls, beside rooms that the caller's token makes and configures.
import { setTimeout as sleep } from 'node:timers/promises'
import { AccessToken, RoomAgentDispatch, RoomConfiguration } from 'livekit-server-sdk'
import { call, endCalling } from '../demo/caller.ts'
import { startWorker } from '../demo/worker.ts'
import { formatRoomName } from '../src/room-name.ts'
import { timesToAssignment } from './assignment.ts'
import { rawCreateRoom, service } from './contestants.ts'
import { type Contestant, median, quantile } from './load.ts'
import { type Outcome, rounded } from './outcome.ts'
import { agentName, type Parts, startParts } from './parts.ts'

const perSecond = 50

/** Milliseconds from the wish to call to the first sound of the agent, with each way of sending it in turn. */
async function firstAudio(parts: Parts, contestant: Contestant, calls: number) {
  const { url: livekitUrl, apiKey, apiSecret } = parts.livekit
  process.env.IDLE_PROCESSES = '2'
  const worker = await startWorker({ livekitUrl, apiKey, apiSecret, agentName, logFile: parts.log('worker') })
  const ways = {
    service: async () => {
      const { path, headers, body } = contestant.next()
      const answer = await fetch(new URL(path, contestant.url), { method: 'POST', headers, body })
      return (await answer.json()) as { token: string; livekit_url: string }
    },
    token: async () => {
      const { agentId, userId } = parts.customer
      // Without metadata the worker reads the room's name.
      const room = formatRoomName({ agentId, userId, timestamp: Date.now() })
      const token = new AccessToken(apiKey, apiSecret, { identity: userId, ttl: '1h' })
      token.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true })
      token.roomConfig = new RoomConfiguration({ agents: [new RoomAgentDispatch({ agentName })] })
      return { token: await token.toJwt(), livekit_url: livekitUrl }
    },
  }
  const heard = { service: [] as number[], token: [] as number[] }
  for (let number = 0; number <= calls; number++)
    for (const way of ['service', 'token'] as const) {
      const startedAt = performance.now()
      const { firstAgentAudioMs, problem } = await call(await ways[way](), startedAt)
      if (firstAgentAudioMs === undefined) throw new Error(`${way}: ${problem}`)
      if (number > 0) heard[way].push(firstAgentAudioMs)
      await sleep(3000)
    }
  await worker.stop()
  endCalling()
  return { service: median(heard.service), token: median(heard.token) }
}

export async function agent({ short }: { short: boolean }): Promise<Outcome> {
  // Rooms that a token makes and configures are made when the caller joins.
  const parts = await startParts({ auto_create: true })
  const own = service(await parts.startService(), parts.customers)
  const raw = await rawCreateRoom(parts)
  // Twice, so that neither has the warmer half: 30 s each.
  const pace = { perSecond, seconds: short ? 5 : 15 }
  const times = { raw: [] as number[], own: [] as number[] }
  for (let round = 0; round < 2; round++) {
    times.raw.push(...(await timesToAssignment(parts, raw, pace)))
    times.own.push(...(await timesToAssignment(parts, own, pace)))
  }
  const audio = await firstAudio(parts, own, short ? 2 : 20)
  await parts.stop()
  const figures = Object.entries(times).map(([name, values]) => {
    const sorted = values.sort((a, b) => a - b)
    return { name, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) }
  })
  const [rawFigures, ownFigures] = figures as [(typeof figures)[0], (typeof figures)[0]]
  const row = (name: string, p50: number, p95?: number) => ({
    name,
    p50_ms: rounded(p50),
    ...(p95 !== undefined && { p95_ms: rounded(p95) }),
  })
  return {
    rows: [
      row(`${perSecond}/s, raw CreateRoom to assigned`, rawFigures.p50, rawFigures.p95),
      row(`${perSecond}/s, this service to assigned`, ownFigures.p50, ownFigures.p95),
      row('first sound, room configured by the token', audio.token),
      row('first sound, this service', audio.service),
    ],
    targets: [
      { what: 'p95 to assigned beside raw CreateRoom', reached: ownFigures.p95 / rawFigures.p95, most: 1.1 },
      { what: 'first sound beside a room configured by the token', reached: audio.service / audio.token, most: 1 },
    ],
  }
}
