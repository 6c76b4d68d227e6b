// Who is in a room: LiveKit's list of participants is written down as facts.
import type { FastifyInstance } from 'fastify'
import type { Look } from '../../next-step.ts'
import type { Participant } from '../../repositories/participants.ts'
import { parseRoomName } from '../../room-name.ts'

/** A session that is looked at; the database's time before LiveKit is asked, and since when somebody has been waiting. */
export interface Seen {
  room_name: string
  now: Date
  waiting_since: Date | null
}

/** Remembers since when somebody has been connected while the caller is not present, and forgets it when one is. */
async function recordWaiting({ repositories }: FastifyInstance, seen: Seen, guests: Participant[]): Promise<void> {
  const { room_name, waiting_since } = seen
  const userId = parseRoomName(room_name)?.userId
  const isCallerPresent = guests.some(({ identity, is_present }) => identity === userId && is_present)
  const [first] = guests.map(({ connected_at }) => connected_at ?? seen.now).sort((a, b) => a.getTime() - b.getTime())
  if (isCallerPresent && waiting_since) await repositories.recordWaiting(room_name, null)
  if (!isCallerPresent && !waiting_since && first) await repositories.recordWaiting(room_name, first)
}

/** Writes down what a look has seen, and whether that was anybody. */
export async function recordPresence(
  app: FastifyInstance,
  seen: Seen,
  participants: Participant[] | 'too_large',
): Promise<Look> {
  if (participants === 'too_large') return participants
  const { repositories } = app
  const { room_name, now } = seen
  for (const { sid, identity, kind: as, worker_name, connected_at, is_present } of participants) {
    if (!is_present || as === 'other') continue
    const kind = as === 'agent' ? 'agent' : 'caller'
    await repositories.recordFact({ sid, room_name, kind, identity, worker_name, connected_at, seen_at: now })
  }
  if (participants.length === 0) return 'nobody'
  const guests = participants.filter(({ kind }) => kind === 'guest')
  await recordWaiting(app, seen, guests)
  const listed = participants.map(({ sid }) => sid)
  await repositories.recordGone(room_name, { at: now, clock: 'database' }, listed)
  return 'somebody'
}
