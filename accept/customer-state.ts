// A customer with few credits, and what belongs to them at this moment: sessions, rooms, credits.
import { findCredits } from '../src/repositories/organizations.ts'
import { listSessions } from '../src/repositories/voice-sessions.ts'
import { must } from './check.ts'
import { type Customer, createCustomer, type Stack } from './stack.ts'

/** Credits per minute. */
const rate = 10
const credits = 1000

export const createTestCustomer = ({ db }: Stack) => createCustomer(db, { credits, rate })

export const sessionsOf = ({ db }: Stack, { organizationId }: Customer) =>
  listSessions(db, organizationId, { limit: 10 })

/** The rooms that LiveKit has for the customer's agent. */
export const roomsOf = async ({ rooms }: Stack, { agentId }: Customer) =>
  (await rooms.listRooms()).filter(({ name }) => name.includes(agentId))

/** All credits are free: no session holds any, and none was charged. */
export async function mustHaveAllCredits({ db }: Stack, { organizationId }: Customer): Promise<void> {
  const { available, held } = await findCredits(db, organizationId)
  must(available === credits && held === 0, `${available} credits are available and ${held} held`)
}

/** One session holds its first minute; nothing else is held or was charged. */
export async function mustHoldOneMinute({ db }: Stack, { organizationId }: Customer): Promise<void> {
  const { available, held } = await findCredits(db, organizationId)
  must(available === credits - rate && held === rate, `${available} credits are available and ${held} held`)
}
