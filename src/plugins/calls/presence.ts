// Who is in a room: LiveKit's list of participants is written down as facts.
import type { FastifyInstance } from 'fastify'
import { AnswerTooLarge } from '../../errors.ts'
import type { Look } from '../../next-step.ts'
import type { Participant } from '../../repositories/participants.ts'

/** A session that is looked at; the database's time before LiveKit is asked, and since when somebody has been waiting. */
export interface Seen {
  room_name: string
  organization_id: string
  user_id: string
  now: Date
  waiting_since: Date | null
}

/** Who is in a room, or that it is more than is read. Throws ServiceUnavailable where LiveKit cannot tell. */
export function listPresent({ livekit }: FastifyInstance, roomName: string): Promise<Participant[] | 'too_large'> {
  return livekit.listParticipants(roomName).catch((error) => {
    if (error instanceof AnswerTooLarge) return 'too_large'
    throw error
  })
}

/** Remembers since when somebody has been connected while the caller is not present, and forgets it when one is. */
async function recordWaiting({ repositories }: FastifyInstance, seen: Seen, guests: Participant[]): Promise<void> {
  const { room_name, user_id, waiting_since } = seen
  const isCallerPresent = guests.some(({ identity, is_present }) => identity === user_id && is_present)
  const [first] = guests.map(({ connected_at }) => connected_at ?? seen.now).sort((a, b) => a.getTime() - b.getTime())
  if (isCallerPresent && waiting_since) await repositories.recordWaiting(room_name, null)
  if (!isCallerPresent && !waiting_since && first) await repositories.recordWaiting(room_name, first)
}

/** Only a caller can publish so much. Where nothing else told of them, they are taken to have been there all the time. */
async function recordUnread({ repositories }: FastifyInstance, { room_name, user_id, now }: Seen): Promise<void> {
  const { known } = await repositories.findCallers(room_name)
  if (known) return
  const unread = { sid: `unread ${room_name}`, identity: user_id, connected_at: new Date(0), seen_at: now }
  await repositories.recordFact({ ...unread, room_name, kind: 'caller' })
}

/** Writes down what a look has seen, and whether that was anybody. */
export async function recordPresence(
  app: FastifyInstance,
  seen: Seen,
  participants: Participant[] | 'too_large',
): Promise<Look> {
  const { repositories } = app
  const { room_name, now } = seen
  if (participants === 'too_large') {
    await recordUnread(app, seen)
    return participants
  }
  for (const { kind: as, is_present, ...one } of participants) {
    if (!is_present || as === 'other') continue
    const kind = as === 'agent' ? 'agent' : 'caller'
    await repositories.recordFact({ ...one, room_name, kind, seen_at: now })
  }
  if (participants.length === 0) return 'nobody'
  const guests = participants.filter(({ kind }) => kind === 'guest')
  await recordWaiting(app, seen, guests)
  const listed = participants.map(({ sid }) => sid)
  await repositories.recordGone(room_name, { at: now, clock: 'database' }, listed)
  return 'somebody'
}
