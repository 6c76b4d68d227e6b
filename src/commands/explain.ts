// `admin explain`: what happened to one call, and how to find the rest of it in the log.
import type { Command } from 'commander'
import { listDeliveriesOf, listEventsOf, listRefunds } from '../repositories/session-history.ts'
import { findWholeSession } from '../repositories/whole-session.ts'
import { found, type Run, roomOption } from './command.ts'
import { historyOf } from './history.ts'

export function addExplainCommand(program: Command, run: Run): void {
  program
    .command('explain')
    .description('the history of a call, in order, and what to look for in the log')
    .addOption(roomOption())
    .action(
      run(async (db, { room: room_name }: { room: string }) => {
        const session = found('session', room_name, await findWholeSession(db, room_name))
        const { organization_id, status, end_reason, request_id } = session
        const history = historyOf(session, {
          refunds: await listRefunds(db, room_name),
          events: await listEventsOf(db, room_name),
          deliveries: await listDeliveriesOf(db, room_name),
        })
        const log = [{ room_name }, ...(request_id === null ? [] : [{ reqId: request_id }])].map((line) =>
          JSON.stringify(line).slice(1, -1),
        )
        return { room_name, organization_id, status, end_reason, look_in_the_log_for: log, history }
      }),
    )
}
