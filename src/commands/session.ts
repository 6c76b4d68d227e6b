// `admin session …`: voice sessions.
import type { Command } from 'commander'
import type { Db } from '../repositories/schema.ts'
import { nameVerdict } from '../repositories/transitions.ts'
import { findOrganizationOf, findSession, listSessions } from '../repositories/voice-sessions.ts'
import { found, orgOption, type Run, requireOrganization, text } from './command.ts'

/** Billing stops at once. A running service, which can reach LiveKit, deletes the room and settles within seconds. */
export async function endSession(db: Db, roomName: string): Promise<void> {
  await nameVerdict(db, roomName, 'ended_by_api', 0)
}

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
    .command('end')
    .description('end a call; billing stops at once, a running service closes the room')
    .requiredOption('--room <name>', 'the room name of the session', text)
    .action(
      run(async (db, { room }: { room: string }) => {
        const organization = found('session', room, await findOrganizationOf(db, room))
        await endSession(db, room)
        return findSession(db, room, organization)
      }),
    )
}
