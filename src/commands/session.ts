// `admin session …`: voice sessions.
import { type Command, Option } from 'commander'
import type { Db } from '../repositories/schema.ts'
import { nameVerdict } from '../repositories/transitions.ts'
import { findOrganizationOf, findSession, listOpenRoomNames, listSessions } from '../repositories/voice-sessions.ts'
import { findWholeSession } from '../repositories/whole-session.ts'
import { found, orgOption, type Run, requireOrganization, text } from './command.ts'

/** Billing stops at once. A running service, which can reach LiveKit, deletes the room and settles within seconds. */
async function endSession(db: Db, roomName: string): Promise<void> {
  await nameVerdict(db, roomName, 'ended_by_api', 0)
}

/** Ends the open sessions of a key or an organization; how many there were. */
export async function endSessions(db: Db, of: Parameters<typeof listOpenRoomNames>[1]): Promise<number> {
  const roomNames = await listOpenRoomNames(db, of)
  for (const roomName of roomNames) await endSession(db, roomName)
  return roomNames.length
}

const roomOption = () =>
  new Option('--room <name>', 'the room name of the session').argParser(text).makeOptionMandatory()

export function addSessionCommands(program: Command, run: Run): void {
  const session = program.command('session').description('voice sessions')
  session
    .command('list')
    .description('newest first')
    .addOption(orgOption())
    .action(
      run(async (db, { org }: { org: string }) => {
        await requireOrganization(db, org)
        const sessions = await listSessions(db, org, { limit: Number.MAX_SAFE_INTEGER })
        return sessions.map(({ created_at_us, ...session }) => session)
      }),
    )
  session
    .command('show')
    .description('all that is stored of a session, with who was in its room')
    .addOption(roomOption())
    .action(run(async (db, { room }: { room: string }) => found('session', room, await findWholeSession(db, room))))
  session
    .command('end')
    .description('end a call; billing stops at once, a running service closes the room')
    .addOption(roomOption())
    .action(
      run(async (db, { room }: { room: string }) => {
        const organization = found('session', room, await findOrganizationOf(db, room))
        await endSession(db, room)
        return findSession(db, room, organization)
      }),
    )
}
