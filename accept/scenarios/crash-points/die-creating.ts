// A replica dies at one point of createVoiceSession.
import { randomUUID } from 'node:crypto'
import type { Fault } from '../../../test/proxy.ts'
import { until } from '../../../test/until.ts'
import { must } from '../../check.ts'
import { create, createUntilAnswered, type Tally, untilMet } from '../../client.ts'
import { createTestCustomer, mustHaveAllCredits, mustHoldOneMinute, roomsOf, sessionsOf } from '../../customer-state.ts'
import type { Proxied, ProxiedRequest } from '../../proxied.ts'
import type { Stack } from '../../stack.ts'

export interface Scene {
  stack: Stack
  victim: Proxied
  tally: Tally
}

export interface Point extends ProxiedRequest {
  name: string
  /** Whether the replica dies before the request reaches the part, or after that, before the answer comes back. */
  dies: 'before' | 'after'
}

export interface CreatePoint extends Point {
  left: 'nothing' | 'creating' | 'active'
  hasRoom: boolean
}

/** Within which what a dead replica left is repaired: its lease, or LiveKit's empty timeout, and the reaper's interval. */
const repairedWithin = { nothing: 0, creating: 25_000, active: 60_000 }
/** A retry waits for the lease at most; where nothing is left, or a whole session, it is answered at once. */
const answeredWithin = { nothing: 5000, creating: 25_000, active: 5000 }

const hold = { part: 'postgres', request: 'holdMinute' } as const
const createRoom = { part: 'livekit', request: 'CreateRoom' } as const
const activate = { part: 'postgres', request: 'activate' } as const
const answer = { part: 'service', request: 'POST' } as const
export const createPoints: CreatePoint[] = [
  { name: 'before the hold commits', ...hold, dies: 'before', left: 'nothing', hasRoom: false },
  { name: "the hold's answer", ...hold, dies: 'after', left: 'creating', hasRoom: false },
  { name: 'before CreateRoom', ...createRoom, dies: 'before', left: 'creating', hasRoom: false },
  { name: "CreateRoom's answer", ...createRoom, dies: 'after', left: 'creating', hasRoom: true },
  { name: 'before activate', ...activate, dies: 'before', left: 'creating', hasRoom: true },
  { name: "activate's answer", ...activate, dies: 'after', left: 'active', hasRoom: true },
  { name: 'before the answer', ...answer, dies: 'after', left: 'active', hasRoom: true },
]

/** The replica dies the next time that it comes to that point; whether it has. */
export function dieAt({ proxies, replica }: Proxied, { part, request, dies }: Point): () => boolean {
  const kill = () => replica.process.kill('SIGKILL')
  const fault: Fault = dies === 'before' ? { before: kill, next: 'reset' } : { after: kill, next: 'reset' }
  return proxies[part].when(request, fault)
}

/** The milliseconds after which all was well. */
export async function dieCreating(scene: Scene, point: CreatePoint, retries: boolean): Promise<number> {
  const { stack, victim, tally } = scene
  const customer = await createTestCustomer(stack)
  const options = { idempotencyKey: randomUUID(), tally }
  const { status } = await untilMet(dieAt(victim, point), () => create(victim.url, customer, options))
  must(status === 0, `${status} was answered`)
  const diedAt = performance.now()
  await victim.replica.process.exited

  const [left] = await sessionsOf(stack, customer)
  const [room] = await roomsOf(stack, customer)
  must((left?.status ?? 'nothing') === point.left, `${left?.status ?? 'nothing'} is left`)
  must((room !== undefined) === point.hasRoom, `there is ${room ? 'a' : 'no'} room`)

  if (retries) {
    const survivors = stack.replicas.slice(0, 1)
    const repeated = await createUntilAnswered(survivors, customer, { ...options, maxMilliseconds: 40_000 })
    const took = performance.now() - diedAt
    must(repeated.status === 200, `the retry was answered ${repeated.status}`)
    must(took < answeredWithin[point.left], `the retry was answered after ${took} ms`)
    const isReplay = repeated.headers.get('idempotency-replayed') === 'true'
    must(isReplay === (point.left === 'active'), `the retry says that it ${isReplay ? 'replays' : 'made'} the session`)
    const sessions = await sessionsOf(stack, customer)
    const [open, ...others] = sessions.filter((session) => session.status !== 'ended')
    must(open?.room_name === repeated.json.room_name && others.length === 0, `sessions: ${JSON.stringify(sessions)}`)
    must(point.left !== 'active' || open?.room_name === left?.room_name, 'the retry made another session')
    const [its, ...more] = await roomsOf(stack, customer)
    must(its?.name === open?.room_name && more.length === 0, 'the session has not one room')
    must(its?.name !== room?.name || its?.sid === room?.sid, 'the room was made again')
    await mustHoldOneMinute(stack, customer)
    return Math.round(took)
  }
  if (point.left === 'nothing') {
    await mustHaveAllCredits(stack, customer)
    return 0
  }
  const isEnded = async () => (await sessionsOf(stack, customer))[0]?.status === 'ended'
  await until(isEnded, 90_000, 'the session is still open')
  const [ended] = await sessionsOf(stack, customer)
  const took = Number(ended?.ended_at) - Number(ended?.created_at)
  must(took < repairedWithin[point.left], `the session ended after ${took} ms`)
  const reason = point.left === 'creating' ? 'create_abandoned' : 'agent_unavailable'
  must(ended?.end_reason === reason && ended.charged === 0, `it ended as ${ended?.end_reason} for ${ended?.charged}`)
  await mustHaveAllCredits(stack, customer)
  await until(async () => (await roomsOf(stack, customer)).length === 0, 5000, 'the room is still there')
  return took
}
