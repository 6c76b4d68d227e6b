// A call's talk where no caller and no agent run: the two facts that LiveKit's webhooks would have left.
import { randomUUID } from 'node:crypto'
import { recordFact } from '../src/repositories/participants.ts'
import type { Db } from '../src/repositories/schema.ts'
import type { Customer } from './stack.ts'

/** From now on caller and agent are in the room. */
export async function talk(db: Db, { userId }: Customer, room_name: string): Promise<void> {
  const joined_at = new Date()
  const fact = { room_name, joined_at, left_at: null, seen_at: null }
  await recordFact(db, { ...fact, sid: `PA_${randomUUID()}`, kind: 'caller', identity: userId })
  await recordFact(db, { ...fact, sid: `PA_${randomUUID()}`, kind: 'agent', identity: 'agent' })
}
