// A call's talk where no caller and no agent run: the two facts that LiveKit's events would have left.
import { randomUUID } from 'node:crypto'
import { recordFact } from '../src/repositories/facts.ts'
import type { Db } from '../src/repositories/schema.ts'
import { agentName } from './postgres-and-livekit.ts'
import type { Customer } from './stack.ts'

/** From now on caller and agent are in the room. */
export async function talk(db: Db, { userId }: Customer, room_name: string): Promise<void> {
  const now = new Date()
  const fact = { room_name, worker_name: agentName, connected_at: now, told_at: now }
  await recordFact(db, { ...fact, sid: `PA_${randomUUID()}`, kind: 'caller', identity: userId })
  await recordFact(db, { ...fact, sid: `PA_${randomUUID()}`, kind: 'agent', identity: 'agent' })
}
