// `admin session …`: voice sessions.
import type { Command } from 'commander'
import { listSessions } from '../repositories/voice-sessions.ts'
import { orgOption, requireOrganization, run } from './command.ts'

export function addSessionCommands(program: Command): void {
  program
    .command('session')
    .description('voice sessions')
    .command('list')
    .addOption(orgOption())
    .action(
      run(async (db, { org }: { org: string }) => {
        await requireOrganization(db, org)
        return listSessions(db, org)
      }),
    )
}
