// The end of the demo's own call, as any customer ends one, and what it came to, in people's words.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Seed } from './seed.ts'

const ATTEMPTS = 10
const PAUSE_MS = 1000

/** What endVoiceSession answers, as far as it is told here. */
export interface Receipt {
  end_reason: string
  seconds_billed: number
  credits_charged: number
}

const REASONS: Record<string, string> = {
  ended_by_api: 'the demo ended it, with DELETE',
  caller_left: 'the caller left',
  agent_left: 'the agent left',
  agent_unavailable: 'no agent came',
}

/** Repeats what a 503 puts off: LiveKit or the database could not be reached for a moment. */
export async function endCall(url: string, roomName: string, { apiKey }: Pick<Seed, 'apiKey'>): Promise<Receipt> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(`${url}/v1/chat/voice-sessions/${roomName}`, {
      method: 'DELETE',
      headers: { 'X-API-Key': apiKey },
    })
    const text = await answer.text()
    if (answer.status === 200) return JSON.parse(text)
    if (answer.status !== 503 || attempt === ATTEMPTS) throw new Error(`the service answered ${answer.status}: ${text}`)
    await sleep(PAUSE_MS)
  }
}

/** One line: why the call is over, how long it was, and what it cost. */
export function describeReceipt({ end_reason, seconds_billed, credits_charged }: Receipt): string {
  const reason = REASONS[end_reason] ?? end_reason.replaceAll('_', ' ')
  const minutes = count(Math.ceil(seconds_billed / 60), 'started minute')
  const cost = credits_charged === 0 ? 'nothing' : count(credits_charged, 'credit')
  return `the call is over: ${reason}. Talked: ${count(seconds_billed, 'second')}, ${minutes}. Cost: ${cost}`
}

export const count = (number: number, noun: string) =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
