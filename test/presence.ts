// A session to which tests tell who is in its room, and the judgement of its bill.
import type { Test } from 'tap'
import { participant, seconds } from './livekit-events.ts'
import { withSession } from './with-session.ts'

export type Told = Awaited<ReturnType<typeof withSession>>
export type Guest = ReturnType<typeof participant>

/** An event of somebody, so many seconds ago. */
export const tell = ({ send }: Told, event: string, who: Partial<Guest> & object, ago: number, more = {}) =>
  send(event, { participant: { ...who, ...more }, createdAt: seconds(ago) })

/** Of a track LiveKit says only whose it is. */
export const publish = (told: Told, { sid, identity }: Guest, ago: number) =>
  tell(told, 'track_published', { sid, identity }, ago)

/** A session that began 100 s ago, in which the agent has been for 90 s. */
export async function withAgent(t: Test) {
  const told = await withSession(t, 100)
  const agent = participant('agent', 90)
  await tell(told, 'participant_joined', agent, 90)
  return { ...told, agent }
}

/** The room is closed: what was billed, give or take the second that each event is rounded to. */
export async function bills(
  t: Test,
  told: Told & { agent?: Guest | undefined },
  expected: number,
  end_reason = 'caller_left',
  tolerance = 1,
) {
  // Without it, an agent would count for a minute after it was last seen.
  if (told.agent) await tell(told, 'participant_left', told.agent, 0)
  await told.send('room_finished', { createdAt: seconds(0) })
  const ended = await told.session()
  t.match(ended, { status: 'ended', end_reason })
  const { seconds_billed } = ended
  t.ok(Math.abs(seconds_billed - expected) <= tolerance, `${seconds_billed} s are billed, ${expected} expected`)
  for (const joined_at of [ended.caller_joined_at, ended.agent_joined_at])
    t.ok(joined_at === undefined || ended.ended_at >= joined_at, 'ended after all joins')
  return ended
}
