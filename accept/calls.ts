// Real calls: a session created over HTTP like any customer's, joined by a caller who speaks and listens.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Caller, joinAsCaller } from '../demo/caller.ts'
import type { VoiceSession } from '../src/contract/openapi.gen.ts'
import { until } from '../test/until.ts'
import { must } from './check.ts'
import { createUntilAnswered, endUntilAnswered, send, type Tally } from './client.ts'
import type { Customer, Stack } from './stack.ts'
import { untilWorkersAreReady } from './workers.ts'

/** A session that its customer's caller can join. */
export interface Joinable {
  customer: Customer
  roomName: string
  token: string
  livekitUrl: string
}

export interface Call extends Joinable {
  caller: Caller
  /** performance.now() when the caller was in the room. */
  joinedAt: number
}

/** Milliseconds; the service ends a session to which none has come in 15 s. */
const agentWithin = 10_000

/** The replicas, of which the first is asked. */
type Service = Pick<Stack, 'replicas'>

export async function createSession(service: Service, customer: Customer, tally: Tally = {}): Promise<Joinable> {
  const { status, json } = await createUntilAnswered(service.replicas.slice(0, 1), customer, { tally })
  must(status === 200, `createVoiceSession answered ${status}: ${JSON.stringify(json)}`)
  return { customer, roomName: json.room_name, token: json.token, livekitUrl: json.livekit_url }
}

export async function join(session: Joinable): Promise<Call> {
  const caller = await joinAsCaller({ livekit_url: session.livekitUrl, token: session.token })
  return { ...session, caller, joinedAt: performance.now() }
}

/**
 * When caller and agent were first both in the room, as LiveKit says; Unix milliseconds. On a busy machine the caller hears
 * of the agent a second or two later.
 */
export async function togetherSince({ rooms }: Pick<Stack, 'rooms'>, { roomName }: Call): Promise<number> {
  const participants = await rooms.listParticipants(roomName)
  must(participants.length === 2, `${participants.length} participants are in the room`)
  return Math.max(...participants.map(({ joinedAtMs }) => Number(joinedAtMs)))
}

/** Calls start one after the other: two at once may find one process ready. */
let starting: Promise<unknown> = Promise.resolve()

type Parts = Pick<Stack, 'directory' | 'replicas' | 'rooms'>

/**
 * A call in which caller and agent hear each other. A session that is not wanted is ended and replaced; so are up to
 * three sessions whose agent does not come in time, because the machine is busy.
 */
export function startTalk(
  parts: Parts,
  customer: Customer,
  tally: Tally = {},
  isWanted = async (_: Joinable) => true,
): Promise<Call> {
  const call = starting.then(() => startNextTalk(parts, customer, tally, isWanted))
  starting = call.catch(() => {})
  return call
}

async function startNextTalk(
  { directory, replicas, rooms }: Parts,
  customer: Customer,
  tally: Tally,
  isWanted: (session: Joinable) => Promise<boolean>,
): Promise<Call> {
  let withoutAgent = 0
  for (let unwanted = 0; ; unwanted++) {
    must(unwanted < 50, 'no wanted session comes about')
    await untilWorkersAreReady(directory)
    const session = await createSession({ replicas }, customer, tally)
    if (await isWanted(session)) {
      const hasAgent = async () => (await rooms.listParticipants(session.roomName).catch(() => [])).length > 0
      if (await until(hasAgent, agentWithin).catch(() => false)) {
        const call = await join(session)
        await untilTalking(call)
        return call
      }
      must(++withoutAgent <= 3, `no agent came to ${withoutAgent} sessions`)
      process.stderr.write(`no agent came to ${session.roomName} within ${agentWithin} ms\n`)
    }
    await endUntilAnswered(replicas, customer, session.roomName, tally)
  }
}

/** Waits until caller and agent have heard each other: the agent says back what the caller said. */
async function untilTalking({ caller: { heard }, roomName }: Call, milliseconds = 30_000): Promise<void> {
  // Its greeting, a single short tone, may be garbled on a machine that is too busy for sound.
  const isTalking = async () => heard.echo !== undefined
  await until(isTalking, milliseconds, `caller and agent do not hear each other in ${roomName}`)
}

/** Waits until LiveKit has ended the call; when that was, by performance.now(). */
export async function untilReleased({ caller: { heard }, roomName }: Call, milliseconds: number): Promise<number> {
  await until(async () => heard.disconnected !== undefined, milliseconds, `the caller is still in ${roomName}`)
  return heard.disconnected as number
}

/** getVoiceSession, repeated while the service answers 503. */
export async function show(service: Service, { customer, roomName }: Joinable): Promise<VoiceSession> {
  const path = `/v1/chat/voice-sessions/${roomName}`
  const init = { headers: { 'x-api-key': customer.key } }
  for (const deadline = performance.now() + 15_000; ; await sleep(200)) {
    const { status, json } = await send(service.replicas[0]?.url as string, path, init)
    if (status === 200) return json
    must(status === 503 && performance.now() < deadline, `getVoiceSession answered ${status}: ${JSON.stringify(json)}`)
  }
}

/** Waits until the session is settled. */
export async function untilEnded(service: Service, session: Joinable, milliseconds: number): Promise<VoiceSession> {
  let shown: VoiceSession | undefined
  const isEnded = async () => {
    await sleep(300)
    shown = await show(service, session)
    return shown.status === 'ended'
  }
  await until(isEnded, milliseconds, `${session.roomName} is not settled`)
  return shown as unknown as VoiceSession
}

/** A promise that is awaited only later: until then nobody is told of its failure. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** For the figures. */
export const seconds = (milliseconds: number): number => Math.round(milliseconds / 100) / 10
