// Others in the room, let in with LiveKit's key: another worker's agent, an avatar that speaks on behalf of the agent, a recorder,
// and a bot in the place of the caller, beside whom LiveKit lets no bot in. Time with them is nobody's talk.
import type { Room } from '@livekit/rtc-node'
import { AccessToken } from 'livekit-server-sdk'
import { rtc } from '../../../demo/rtc.ts'
import { createSession, type Joinable } from '../../calls.ts'
import { must } from '../../check.ts'
import { agentName } from '../../postgres-and-livekit.ts'
import { createCustomer } from '../../stack.ts'
import { joinSilently } from './caller.ts'
import { enter } from './enter.ts'
import { endOnce, mustBill, secondsAfter, sessionWithAgent, untilTogether, type World } from './world.ts'

const strangers = {
  'another worker’s agent': { kind: 'agent', attributes: { 'lk.agent_name': 'another' } },
  'an avatar': { kind: 'agent', attributes: { 'lk.agent_name': agentName, 'lk.publish_on_behalf': 'agent-AJ_1' } },
  'a recorder': { kind: 'egress', attributes: { 'lk.agent_name': agentName } },
  'a bot': { kind: 'standard', attributes: { 'lk.agent_name': agentName } },
}
type Stranger = keyof typeof strangers

async function letIn({ stack }: World, { roomName, livekitUrl }: Joinable, name: Stranger): Promise<Room> {
  const { kind, attributes } = strangers[name]
  const token = new AccessToken(stack.livekit.apiKey, stack.livekit.apiSecret, { identity: name, attributes })
  token.kind = kind
  token.addGrant({ roomJoin: true, room: roomName })
  return enter(new rtc.Room(), livekitUrl, await token.toJwt(), false)
}

async function endUnbilled(world: World, session: Joinable, seconds: number): Promise<void> {
  await secondsAfter(await untilTogether(world, session), seconds)
  const { status } = await endOnce(world, session)
  must(status === 200, `DELETE was answered ${status}`)
  const bill = await mustBill(world, session, { talked: 0, end_reason: 'ended_by_api', more: 0 })
  must(bill.credits_charged === 0, `${bill.credits_charged} are charged for a stranger`)
}

/** A caller and a stranger in the place of the agent. */
async function inPlaceOfAgent(world: World, name: Stranger, seconds: number): Promise<void> {
  const customer = await createCustomer(world.stack.db)
  world.agents.refused.add(customer.agentId)
  const session = await createSession(world.stack, customer, world.tally)
  const caller = await joinSilently(session)
  const stranger = await letIn(world, session, name)
  await endUnbilled(world, session, seconds)
  await Promise.all([caller.leave(), stranger.disconnect()])
}

/** The agent and a bot in the place of the caller. */
async function inPlaceOfCaller(world: World, seconds: number): Promise<void> {
  const session = await sessionWithAgent(world)
  const bot = await letIn(world, session, 'a bot')
  await endUnbilled(world, session, seconds)
  await bot.disconnect()
}

export async function strangersTalk(world: World) {
  const seconds = 8
  const names: Stranger[] = ['another worker’s agent', 'an avatar', 'a recorder']
  await Promise.all([...names.map((name) => inPlaceOfAgent(world, name, seconds)), inPlaceOfCaller(world, seconds)])
  return { strangers: names.length + 1, seconds }
}
