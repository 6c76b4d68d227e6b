// `admin credits …`: what organizations spend.
import type { Command } from 'commander'
import { grantCredits, listGrants } from '../repositories/credit-grants.ts'
import { type Refund, type Refunded, refundCredits } from '../repositories/refunds.ts'
import { found, integerFrom, orgOption, Refusal, type Run, requireOrganization, roomOption, text } from './command.ts'

/** Throws where nothing was refunded, now or before. */
function refuseRefund(refunded: Refunded, { id, room_name }: Refund): void {
  if (refunded.outcome === 'no_session') found('session', room_name, undefined)
  if (refunded.outcome === 'conflict')
    throw new Refusal(`${id} was granted before, or refunded with another amount, room or reason`, 1)
  if (refunded.outcome === 'open') throw new Refusal(`session ${room_name} has not ended, and is not charged yet`, 1)
  if (refunded.outcome === 'too_much')
    throw new Refusal(`at most ${refunded.refundable} credits of session ${room_name} can be refunded`, 1)
}

const byOption = ['--by <name>', 'who gives them', text] as const

export function addCreditsCommands(program: Command, run: Run): void {
  const credits = program.command('credits').description('what organizations spend')
  credits
    .command('grant')
    .description('add credits, once per grant id; a negative amount takes unspent ones back')
    .addOption(orgOption())
    .requiredOption('--amount <n>', 'credits', integerFrom(-Number.MAX_SAFE_INTEGER))
    .requiredOption('--id <id>', 'a name for this grant, such as an invoice number', text)
    .option(...byOption)
    .action(
      run(async (db, { org, amount, id, by }: { org: string; amount: number; id: string; by?: string }) => {
        await requireOrganization(db, org)
        if (amount === 0) throw new Refusal('a grant of 0 credits is none', 2)
        const granted = await grantCredits(db, { id, organization_id: org, amount, granted_by: by })
        if (granted === undefined)
          throw new Refusal(`grant ${id} was made before, with another amount or organization`, 1)
        return { id, organization_id: org, amount, granted, credits: (await requireOrganization(db, org)).credits }
      }),
    )
  credits
    .command('list')
    .description('its grants and refunds, newest first')
    .addOption(orgOption())
    .action(
      run(async (db, { org }: { org: string }) => {
        await requireOrganization(db, org)
        return listGrants(db, org)
      }),
    )
  credits
    .command('refund')
    .description('give back credits that an ended session was charged, once per id')
    .addOption(roomOption())
    .requiredOption('--amount <n>', 'credits, at most what it was charged and is not refunded yet', integerFrom(1))
    .requiredOption('--reason <text>', 'why', text)
    .requiredOption('--id <id>', 'a name for this refund, such as a ticket number', text)
    .option(...byOption)
    .action(
      run(async (db, options: { room: string; amount: number; reason: string; id: string; by?: string }) => {
        const { room: room_name, amount, reason, id, by } = options
        const refund = { id, room_name, amount, reason, granted_by: by }
        const refunded = await refundCredits(db, refund)
        refuseRefund(refunded, refund)
        return { id, room_name, amount, reason, granted: refunded.outcome === 'refunded' }
      }),
    )
}
