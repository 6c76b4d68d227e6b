// A replica dies at one point of createVoiceSession.
import { randomUUID } from 'node:crypto'
import { findCredits } from '../../../src/repositories/organizations.ts'
import { listSessions } from '../../../src/repositories/voice-sessions.ts'
import { must, until } from '../../check.ts'
import { create, createUntilAnswered, type Tally, untilSprung } from '../../client.ts'
import type { Proxied } from '../../proxied.ts'
import type { Trap } from '../../proxy.ts'
import { type Customer, createCustomer, type Stack } from '../../stack.ts'
import { statements } from '../../statements.ts'

export interface Scene {
  stack: Stack
  victim: Proxied
  tally: Tally
}

export interface Point extends Pick<Trap, 'pattern' | 'at'> {
  name: string
  part: keyof Proxied['proxies']
}

export interface CreatePoint extends Point {
  left: 'nothing' | 'creating' | 'active'
  hasRoom: boolean
}

const rate = 10
const credits = 1000
/** Within which what a dead replica left is repaired: its lease, or LiveKit's empty timeout, and the reaper's tick. */
const repairedWithin = { nothing: 0, creating: 25_000, active: 60_000 }
/** A retry waits for the lease at most; what there was nothing of, or is whole, is answered at once. */
const answeredWithin = { nothing: 5000, creating: 25_000, active: 5000 }

const { hold, createRoom, activate } = statements
const answer = { part: 'service', pattern: /^POST / } as const
export const createPoints: CreatePoint[] = [
  { name: 'before the hold commits', ...hold, at: 'question', left: 'nothing', hasRoom: false },
  { name: "the hold's answer", ...hold, at: 'answer', left: 'creating', hasRoom: false },
  { name: 'before CreateRoom', ...createRoom, at: 'question', left: 'creating', hasRoom: false },
  { name: "CreateRoom's answer", ...createRoom, at: 'answer', left: 'creating', hasRoom: true },
  { name: 'before activate', ...activate, at: 'question', left: 'creating', hasRoom: true },
  { name: "activate's answer", ...activate, at: 'answer', left: 'active', hasRoom: true },
  { name: 'before the answer', ...answer, at: 'answer', left: 'active', hasRoom: true },
]

/** The replica dies the next time that it comes to that point; whether it has. */
export function dieAt({ proxies, replica }: Proxied, { part, pattern, at }: Point): () => boolean {
  const spring = () => {
    replica.process.kill('SIGKILL')
    return 'is reset' as const
  }
  return proxies[part].set({ pattern, at, spring })
}

export const sessionsOf = ({ db }: Stack, { organizationId }: Customer) =>
  listSessions(db, organizationId, { limit: 10 })
export const roomsOf = async ({ rooms }: Stack, { agentId }: Customer) =>
  (await rooms.listRooms()).filter(({ name }) => name.includes(agentId))

/** All credits are back. */
export async function mustBeFree({ db }: Stack, { organizationId }: Customer): Promise<void> {
  const { available, held } = await findCredits(db, organizationId)
  must(available === credits && held === 0, `${available} credits are available and ${held} held`)
}

export const createTestCustomer = ({ db }: Stack) => createCustomer(db, { credits, rate })

/** The milliseconds after which all was well. */
export async function dieCreating({ stack, victim, tally }: Scene, point: CreatePoint, retries: boolean) {
  const customer = await createTestCustomer(stack)
  const options = { idempotencyKey: randomUUID(), tally }
  const { status } = await untilSprung(dieAt(victim, point), () => create(victim.url, customer, options))
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
    const { available, held } = await findCredits(stack.db, customer.organizationId)
    must(available === credits - rate && held === rate, `${available} credits are available and ${held} held`)
    return Math.round(took)
  }
  if (point.left === 'nothing') {
    await mustBeFree(stack, customer)
    return 0
  }
  const isEnded = async () => (await sessionsOf(stack, customer))[0]?.status === 'ended'
  await until(isEnded, 90_000, 'the session is still open')
  const [ended] = await sessionsOf(stack, customer)
  const took = Number(ended?.ended_at) - Number(ended?.created_at)
  must(took < repairedWithin[point.left], `the session ended after ${took} ms`)
  const reason = point.left === 'creating' ? 'create_abandoned' : 'agent_unavailable'
  must(ended?.end_reason === reason && ended.charged === 0, `it ended as ${ended?.end_reason} for ${ended?.charged}`)
  await mustBeFree(stack, customer)
  await until(async () => (await roomsOf(stack, customer)).length === 0, 5000, 'the room is still there')
  return took
}
