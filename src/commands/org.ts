// `admin org …`: organizations, who pays.
import type { Command } from 'commander'
import { grantCredits } from '../repositories/credit-grants.ts'
import * as organizations from '../repositories/organizations.ts'
import { changeRecording } from '../repositories/recording.ts'
import { inTransaction } from '../repositories/repeats.ts'
import type { Db } from '../repositories/schema.ts'
import { found, integerFrom, orgOption, type Run, requireChange, requireOrganization, text } from './command.ts'
import { endSessions } from './session.ts'

const maxInt4 = 2 ** 31 - 1

interface Changes {
  org: string
  name?: string
  maxSessions?: number
  recordEvents?: boolean
}

export function addOrgCommands(program: Command, run: Run): void {
  const org = program.command('org').description('organizations: who pays')
  org
    .command('create')
    .requiredOption('--name <name>', 'its name', text)
    .requiredOption('--credits <n>', 'opening credits', integerFrom(0))
    .option('--max-sessions <n>', 'sessions it may have open at once (default 100)', integerFrom(0, maxInt4))
    .action(
      run((db, options: { name: string; credits: number; maxSessions?: number }) =>
        inTransaction(db, async (transaction) => {
          const { name, credits, maxSessions: max_sessions } = options
          const { id } = await organizations.createOrganization(transaction, { name, max_sessions })
          if (credits > 0)
            await grantCredits(transaction, { id: `opening-${id}`, organization_id: id, amount: credits })
          return organizations.findOrganization(transaction, id)
        }),
      ),
    )
  org
    .command('update')
    .addOption(orgOption())
    .option('--name <name>', 'its name', text)
    .option('--max-sessions <n>', 'sessions it may have open at once; open ones go on', integerFrom(0, maxInt4))
    .option('--record-events', 'record its events although it has no webhook')
    .option('--no-record-events', 'record them only while it has one')
    .action(
      run(async (db, { org, name, maxSessions, recordEvents }: Changes) => {
        const changes = {
          ...(name !== undefined && { name }),
          ...(maxSessions !== undefined && { max_sessions: maxSessions }),
          ...(recordEvents !== undefined && { records_events: recordEvents }),
        }
        requireChange(changes)
        const update = (db: Db) => organizations.updateOrganization(db, org, changes)
        const updated = recordEvents === undefined ? await update(db) : await changeRecording(db, org, update)
        return found('organization', org, updated)
      }),
    )
  org
    .command('suspend')
    .description('refuse all its keys from the next request on; running calls go on')
    .addOption(orgOption())
    .option('--end-calls', 'end its running calls, too')
    .action(
      run(async (db, { org, endCalls = false }: { org: string; endCalls?: boolean }) => {
        const suspended = found('organization', org, await organizations.suspendOrganization(db, org))
        return { ...suspended, ended_calls: endCalls ? await endSessions(db, { organization_id: org }) : 0 }
      }),
    )
  org
    .command('resume')
    .description('take its keys again; those that are revoked or have expired stay so')
    .addOption(orgOption())
    .action(
      run(async (db, { org }: { org: string }) =>
        found('organization', org, await organizations.resumeOrganization(db, org)),
      ),
    )
  org.command('list').action(run((db) => organizations.listOrganizations(db)))
  org
    .command('show')
    .addOption(orgOption())
    .action(run((db, { org }: { org: string }) => requireOrganization(db, org)))
}
