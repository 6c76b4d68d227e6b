// What the rows share: the parts that run, calls whose beginning is known, and the judgement of a bill.
import { setTimeout as sleep } from 'node:timers/promises'
import { ParticipantInfo_State } from 'livekit-server-sdk'
import type { VoiceSession } from '../../../src/contract/openapi.gen.ts'
import { until } from '../../../test/until.ts'
import { createSession, type Joinable, untilEnded } from '../../calls.ts'
import { must } from '../../check.ts'
import { send, type Tally } from '../../client.ts'
import { createCustomer, type Stack, type StackOptions, startStack } from '../../stack.ts'
import { type Agents, startAgents } from './agents.ts'
import { joinSilently, type SilentCaller } from './caller.ts'
import { type HeldLiveKitEvents, holdLiveKitEvents } from './held-livekit-events.ts'

export interface World {
  stack: Stack
  agents: Agents
  held: HeldLiveKitEvents
  tally: Tally
}

/** Seconds by which a bill may differ: what LiveKit tells is rounded to seconds. */
const tolerance = 1.5

/** Milliseconds; a machine on which much else runs is slow. */
const patience = 60_000

export async function startWorld(options: StackOptions = {}): Promise<World> {
  // How long a caller waits for an agent is not the question here.
  const environment: StackOptions['environment'] = (parts) => ({
    AGENT_JOIN_SECONDS: '60',
    ...options.environment?.(parts),
  })
  const stack = await startStack({ ...options, environment })
  return { stack, agents: await startAgents(stack.livekit), held: holdLiveKitEvents(stack.relay), tally: {} }
}

export async function stopWorld({ stack, agents }: World): Promise<void> {
  await agents.close()
  await stack.stop()
}

/** The session of a new customer; settles once its agent is in the room. */
export async function sessionWithAgent(
  world: World,
  customer?: Parameters<typeof createCustomer>[1],
): Promise<Joinable> {
  const { stack, agents, tally } = world
  const session = await createSession(stack, await createCustomer(stack.db, customer), tally)
  const hasAgent = async () => agents.byRoom.has(session.roomName)
  await until(hasAgent, patience, `no agent comes to ${session.roomName}`)
  return session
}

/** Waits until LiveKit calls everybody in the room ACTIVE; Unix milliseconds. */
export async function untilTogether({ stack }: World, { roomName }: Joinable, count = 2): Promise<number> {
  const areTogether = async () => {
    const participants = await stack.rooms.listParticipants(roomName)
    return participants.length === count && participants.every(({ state }) => state === ParticipantInfo_State.ACTIVE)
  }
  await until(areTogether, patience, `caller and agent are not together in ${roomName}`)
  return Date.now()
}

export interface Talk extends Joinable {
  caller: SilentCaller
  /** Unix milliseconds since when caller and agent have been present. */
  since: number
}

export async function talk(world: World, customer?: Parameters<typeof createCustomer>[1]): Promise<Talk> {
  const session = await sessionWithAgent(world, customer)
  const [caller, since] = await Promise.all([joinSilently(session), untilTogether(world, session)])
  return { ...session, caller, since }
}

/** Waits until so many seconds have passed since that moment. */
export const secondsAfter = (moment: number, seconds: number): Promise<void> =>
  sleep(Math.max(0, moment + seconds * 1000 - Date.now()))

export const secondsSince = (moment: number): number => (Date.now() - moment) / 1000

/** The caller leaves: the seconds talked until then, and how many more may be billed, because leaving takes a while. */
export async function hangUp({ caller, since }: Talk): Promise<{ talked: number; more: number }> {
  const talked = secondsSince(since)
  await caller.leave()
  return { talked, more: tolerance + secondsSince(since) - talked }
}

/** One endVoiceSession, whatever is answered. */
export const endOnce = ({ stack, tally }: World, { customer, roomName }: Joinable) => {
  const init = { method: 'DELETE', headers: { 'x-api-key': customer.key } }
  return send(stack.replicas[0]?.url as string, `/v1/chat/voice-sessions/${roomName}`, init, tally)
}

interface Bill {
  /** Seconds of talk. */
  talked: number
  end_reason: string
  /** Seconds that may be billed less, and more. */
  less?: number
  more?: number
}

/** Waits until the session is settled, and judges what is billed; the seconds that were. */
export async function mustBill(
  world: World,
  session: Joinable,
  { talked, end_reason, less = tolerance, more = tolerance }: Bill,
) {
  const shown: VoiceSession = await untilEnded(world.stack, session, patience)
  const { seconds_billed = 0, ended_at = '', created_at, caller_joined_at, agent_joined_at } = shown
  must(shown.end_reason === end_reason, `it ended as ${shown.end_reason}, not ${end_reason}: ${JSON.stringify(shown)}`)
  const isRight = seconds_billed >= talked - less && seconds_billed <= Math.ceil(talked + more)
  must(isRight, `${seconds_billed} s are billed, ${talked.toFixed(1)} s were talked: ${JSON.stringify(shown)}`)
  for (const earlier of [created_at, caller_joined_at, agent_joined_at])
    must(!earlier || ended_at >= earlier, `it ended before it began: ${JSON.stringify(shown)}`)
  return { ...shown, seconds_billed }
}
