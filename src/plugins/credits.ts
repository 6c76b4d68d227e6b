// Step 3, and the money side of step 4: credits are held before LiveKit is asked, and come back before the answer leaves
// when LiveKit fails. Fail-closed: whatever is not a clear yes of the ledger is a refusal.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { InsufficientCredits, ServiceUnavailable, TooManySessions } from '../errors.ts'
import { formatRoomName } from '../room-name.ts'

declare module 'fastify' {
  interface FastifyInstance {
    credits: Credits
  }
}

type Repositories = FastifyInstance['repositories']
type Agent = NonNullable<Awaited<ReturnType<Repositories['findAgent']>>>
type NewSession = Parameters<Repositories['holdMinute']>[0]

export interface Credits {
  /** Holds one minute's credits and opens a session with a name of its own. Throws InsufficientCredits or TooManySessions. */
  hold(caller: FastifyRequest['caller'], agent: Agent): Promise<NewSession>
  /**
   * Makes the session active once `createRoom` has resolved with the room's sid. Where that throws, the held credits are
   * returned first, the room is deleted without waiting, and the error goes on.
   */
  activate(session: NewSession, createRoom: (session: NewSession) => Promise<string>): Promise<void>
}

/** A session is created in one go; a later attempt, by another replica, would carry a higher number. */
const firstAttempt = 1
/** Rounds after which a busy ledger is called unavailable: one is lost to every racer of the same user and millisecond. */
const holdRounds = 100

async function credits(app: FastifyInstance) {
  const { repositories, livekit } = app
  const deleteRoom = (roomName: string) =>
    livekit.deleteRoom(roomName).catch((err) => app.log.warn({ err, room_name: roomName }, 'room not deleted'))

  app.decorate('credits', {
    async hold(caller, agent) {
      const session = { ...caller, agent_id: agent.id, agent_name: agent.name, rate: agent.credits_per_minute }
      let timestamp = Date.now()
      for (let round = 0; round < holdRounds; round++) {
        const room_name = formatRoomName({ agentId: agent.id, userId: caller.user_id, timestamp })
        const candidate = { ...session, room_name }
        if (await repositories.holdMinute(candidate)) return candidate
        const refusal = await repositories.findHoldRefusal(candidate)
        if (refusal === 'too_many_sessions') throw new TooManySessions()
        if (refusal === 'insufficient_credits') throw new InsufficientCredits()
        if (refusal === 'name_taken') timestamp += 1
      }
      throw new ServiceUnavailable({ cause: new Error(`no hold after ${holdRounds} rounds`) })
    },

    async activate(session, createRoom) {
      const { room_name } = session
      const roomSid = await createRoom(session).catch(async (error) => {
        const end_reason = 'create_failed'
        const charged = await repositories.settle(room_name, { end_reason, attempt: firstAttempt })
        if (charged !== undefined) deleteRoom(room_name)
        throw error
      })
      if (await repositories.activate(room_name, firstAttempt, roomSid)) return
      if ((await repositories.findStatus(room_name)) === 'ended') deleteRoom(room_name)
      throw new ServiceUnavailable({ cause: new Error('the session was taken over while its room was made') })
    },
  } satisfies Credits)
}

export default fp(credits, { name: 'credits', dependencies: ['database', 'livekit'] })
