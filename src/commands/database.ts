// `admin migrate` and `admin audit`: the database as a whole.
import type { Command } from 'commander'
import { eventAuditSeconds } from '../event-timings.ts'
import { countMissingEvents, findDifferences, findRefundDifferences } from '../repositories/audit.ts'
import { migrate } from '../repositories/migrate.ts'
import type { Run } from './command.ts'

export function addDatabaseCommands(program: Command, run: Run): void {
  program
    .command('migrate')
    .description('bring the tables to the newest migration')
    .action(run(async (db) => ({ applied: await migrate(db) })))

  program
    .command('audit')
    .description(
      'what the books of each organization and the refunds of each session are out by, and the ends that have no event; ends with 1 where there are any',
    )
    .action(
      run(
        async (db) => {
          const differences = await findDifferences(db)
          const refund_differences = await findRefundDifferences(db)
          const events_missing = await countMissingEvents(db, eventAuditSeconds)
          const sum = (of: 'credit_difference' | 'open_sessions_difference') =>
            differences.reduce((total, difference) => total + Math.abs(difference[of]), 0)
          return {
            credit_difference: sum('credit_difference'),
            open_sessions_difference: sum('open_sessions_difference'),
            refund_difference: refund_differences.reduce(
              (total, { refund_difference }) => total + Math.abs(refund_difference),
              0,
            ),
            events_missing,
            differences,
            refund_differences,
          }
        },
        ({ differences, refund_differences, events_missing }) =>
          differences.length === 0 && refund_differences.length === 0 && events_missing === 0 ? 0 : 1,
      ),
    )
}
