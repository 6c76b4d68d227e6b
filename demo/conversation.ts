// The demo's one real call: over HTTP like any customer, then into the room, heard in both directions, and ended.
import { findOrganization } from '../src/repositories/organizations.ts'
import type { Db } from '../src/repositories/schema.ts'
import { findSession } from '../src/repositories/voice-sessions.ts'
import { call, endCalling } from './caller.ts'
import { count, describeReceipt, endCall, type Receipt } from './receipt.ts'
import type { Seed } from './seed.ts'

/** The answer of createVoiceSession. */
interface Session {
  room_name: string
  token: string
  livekit_url: string
  agent_name: string
}

/** Who calls whom. */
export type Calling = Pick<Seed, 'organizationId' | 'apiKey'> & { agents: Pick<Seed['agents'], 'pipeline'> }

/** What --json prints. */
export interface Conversation {
  session: Session
  caller_heard_agent: boolean
  agent_heard_caller: boolean
  /** Counted from before the request; null when nothing was heard. */
  first_agent_audio_ms: number | null
  credits_before: number
  credits_held: number
  /** From the end of the call. */
  credits_after: number
  receipt: Pick<Receipt, 'end_reason' | 'seconds_billed' | 'credits_charged'>
}

export interface Conversed {
  conversation: Conversation
  /** One sentence; undefined when sound passed in both directions. */
  problem: string | undefined
}

export async function converse(url: string, db: Db, seed: Calling, say: (line: string) => void): Promise<Conversed> {
  const credits = async () => (await findOrganization(db, seed.organizationId))?.credits ?? 0
  const creditsBefore = await credits()
  const startedAt = performance.now()
  const session = await createSession(url, seed)
  say(`session created in ${Math.round(performance.now() - startedAt)} ms: room ${session.room_name}`)
  const result = await call(session, startedAt)
  endCalling()
  if (result.callerHeardAgent) say(`the caller heard the agent, first ${result.firstAgentAudioMs} ms after the request`)
  if (result.agentHeardCaller) say('the agent heard the caller and said it back; the caller left')
  const creditsHeld = (await findSession(db, session.room_name, seed.organizationId))?.held ?? 0
  const { end_reason, seconds_billed, credits_charged } = await endCall(url, session.room_name, seed)
  const receipt = { end_reason, seconds_billed, credits_charged }
  const creditsAfter = await credits()
  say(describeReceipt(receipt))
  const held = `${count(creditsHeld, 'credit')} held meanwhile, ${creditsAfter.toLocaleString('en')} left`
  say(`${count(creditsBefore, 'credit')} before the call, ${held}`)
  return {
    conversation: {
      session,
      caller_heard_agent: result.callerHeardAgent,
      agent_heard_caller: result.agentHeardCaller,
      first_agent_audio_ms: result.firstAgentAudioMs ?? null,
      credits_before: creditsBefore,
      credits_held: creditsHeld,
      credits_after: creditsAfter,
      receipt,
    },
    problem: result.problem,
  }
}

/** The same request for people, in one line; the answer ends with a line break, so that the prompt follows it. */
export function curlLine(url: string, { apiKey, agents }: Calling): string {
  const body = JSON.stringify({ agent_id: agents.pipeline })
  return `curl -w '\\n' -X POST ${url}/v1/chat/voice-sessions -H 'X-API-Key: ${apiKey}' -H 'Content-Type: application/json' -d '${body}'`
}

async function createSession(url: string, { apiKey, agents }: Calling): Promise<Session> {
  const answer = await fetch(`${url}/v1/chat/voice-sessions`, {
    method: 'POST',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ agent_id: agents.pipeline }),
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`the service answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}
