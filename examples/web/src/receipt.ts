// What a call came to. The service settles it when the session is ended, or a little later where it cannot at once.
import { endSession, type SessionState, untilEnded } from './backend.ts'
import type { Talk } from './conversation.ts'

const PATIENCE_MS = 120_000
const LOST = 'The connection was lost.'

/** How the session ended; undefined when it is not known yet. */
export async function settle(roomName: string): Promise<SessionState | undefined> {
  const state = await endSession(roomName).catch(() => undefined)
  return state?.status === 'ended' ? state : undefined
}

/** The same where it takes longer: the service could not reach LiveKit, or we could not reach the service. */
export async function settledLater(roomName: string): Promise<SessionState | undefined> {
  return untilEnded(roomName, AbortSignal.timeout(PATIENCE_MS))
}

/** Why the call is over, one sentence. */
export function reasonOf(state: SessionState | undefined, { session, agentCame, how }: Talk): string {
  if (how === 'hung up') return 'You hung up.'
  switch (state?.end_reason) {
    case 'credits_exhausted':
      return 'The credits ran out, so the call was ended.'
    case 'max_duration':
      return 'The call reached the longest time allowed.'
    case 'agent_left':
      return `${session.agent_name} left the call.`
    case 'caller_left':
    case 'room_missing':
      return LOST
    default:
      if (how === 'lost') return LOST
      return agentCame ? 'The call was ended.' : `${session.agent_name} could not be heard.`
  }
}

/** What the receipt says, line by line. */
export function linesOf(state: SessionState | undefined): (readonly [string, string])[] {
  if (state === undefined) return [['Charged', 'Not settled yet']]
  const { credits_charged = 0, seconds_billed = 0, metadata = {} } = state
  const told = Object.entries(metadata).map(([name, text]) => `${name}: ${text}`)
  return [
    ['Talked', clock(seconds_billed)],
    ['Started minutes', String(Math.ceil(seconds_billed / 60))],
    ['Charged', credits_charged === 0 ? 'Nothing' : count(credits_charged, 'credit')],
    ...(told.length > 0 ? [['The agent knew', told.join(', ')] as const] : []),
  ]
}

export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}

/** 75 seconds are 1:15. */
export function clock(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
