// An answer, or one of LiveKit's events, is lost, and no process dies.
import { randomUUID } from 'node:crypto'
import { until } from '../../../test/until.ts'
import { must } from '../../check.ts'
import { create, createUntilAnswered, untilMet } from '../../client.ts'
import { createTestCustomer, mustHaveAllCredits, roomsOf, sessionsOf } from '../../customer-state.ts'
import type { ProxiedRequest } from '../../proxied.ts'
import type { Stack } from '../../stack.ts'
import type { Scene } from './die-creating.ts'

const answeredWithin = 12_000
const abandonedWithin = 26_000
const roomGoneWithin = 90_000
const sweptWithin = 60_000

const hold = { part: 'postgres', request: 'holdMinute' } as const
const createRoom = { part: 'livekit', request: 'CreateRoom' } as const
const activate = { part: 'postgres', request: 'activate' } as const

/** A create in which the service does not get the answer to this request. */
async function createLosing(scene: Scene, { part, request }: ProxiedRequest, fault: 'reset answer' | 'lose answer') {
  const { stack, victim, tally } = scene
  const customer = await createTestCustomer(stack)
  const options = { idempotencyKey: randomUUID(), tally }
  const isMet = victim.proxies[part].when(request, fault)
  let startedAt = 0
  const answer = await untilMet(isMet, () => {
    startedAt = performance.now()
    return create(victim.url, customer, options)
  })
  const took = performance.now() - startedAt
  must(took < answeredWithin, `${answer.status} was answered after ${took} ms`)
  return { ...answer, customer, options, startedAt }
}

export const loseAnswers: Record<string, (scene: Scene) => Promise<number>> = {
  async "the hold's answer is lost"(scene) {
    const { stack, victim } = scene
    const { status, customer, startedAt } = await createLosing(scene, hold, 'reset answer')
    must(status === 503, `${status} was answered`)
    must(victim.proxies.livekit.count('CreateRoom') === 0, 'LiveKit was called')
    const isEnded = async () => (await sessionsOf(stack, customer))[0]?.status === 'ended'
    await until(isEnded, abandonedWithin, 'the session is still open')
    const [ended] = await sessionsOf(stack, customer)
    must(ended?.end_reason === 'create_abandoned', `it ended as ${ended?.end_reason}`)
    await mustHaveAllCredits(stack, customer)
    return Math.round(performance.now() - startedAt)
  },

  async "CreateRoom's answer is lost"(scene) {
    const { stack } = scene
    const { status, customer, startedAt } = await createLosing(scene, createRoom, 'lose answer')
    must(status === 500, `${status} was answered`)
    await mustHaveAllCredits(stack, customer)
    const isGone = async () => (await roomsOf(stack, customer)).length === 0
    await until(isGone, roomGoneWithin, 'the room is still there')
    return Math.round(performance.now() - startedAt)
  },

  async "CreateRoom's connection is reset"(scene) {
    const { stack } = scene
    const { status, json, customer, startedAt } = await createLosing(scene, createRoom, 'reset answer')
    must(status === 200, `${status} was answered`)
    const [room, ...others] = await roomsOf(stack, customer)
    must(room?.name === json.room_name && others.length === 0, 'the session has not one room')
    return Math.round(performance.now() - startedAt)
  },

  async "activate's answer is lost"(scene) {
    const { stack, victim } = scene
    const { status, customer, options, startedAt } = await createLosing(scene, activate, 'reset answer')
    must(status === 503, `${status} was answered`)
    const [left] = await sessionsOf(stack, customer)
    const [room] = await roomsOf(stack, customer)
    must(left?.status === 'active' && room?.name === left.room_name, 'the room was not left alone')
    const { json } = await createUntilAnswered([victim.replica], customer, options)
    must(json.room_name === room.name, 'the retry made another session')
    return Math.round(performance.now() - startedAt)
  },
}

/** The room is deleted, and LiveKit's events about it reach nobody. */
export async function loseLiveKitEvent(stack: Stack): Promise<number> {
  const customer = await createTestCustomer(stack)
  const { json } = await createUntilAnswered(stack.replicas, customer)
  stack.relay.deliveries = ({ body }) => (JSON.parse(body).room?.name === json.room_name ? [] : [0])
  await stack.rooms.deleteRoom(json.room_name)
  const startedAt = performance.now()
  const isEnded = async () => (await sessionsOf(stack, customer))[0]?.status === 'ended'
  await until(isEnded, sweptWithin, 'the session is still open')
  await mustHaveAllCredits(stack, customer)
  return Math.round(performance.now() - startedAt)
}
