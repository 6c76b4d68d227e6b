// `admin credits …`: what organizations spend.
import type { Command } from 'commander'
import { findGrant, grantCredits, listGrants } from '../repositories/credit-grants.ts'
import { type Refund, type Refunded, refundCredits } from '../repositories/refunds.ts'
import type { Db } from '../repositories/schema.ts'
import { found, integerFrom, orgOption, Refusal, type Run, requireOrganization, roomOption, text } from './command.ts'

/** Refuses an id that belongs to something else, and says to what. */
async function refuseKnown(db: Db, id: string): Promise<never> {
  const { organization_id, amount, room_name, reason } = await findGrant(db, id)
  const grant = `a grant of ${amount} credits to organization ${organization_id}`
  const refund = `a refund of ${amount} credits of session ${room_name}, because of: ${reason}`
  throw new Refusal(`${id} is the id of ${room_name === null ? grant : refund}`, 1)
}

/** Throws where nothing was refunded, now or before. */
async function refuseRefund(db: Db, refunded: Refunded, { id, room_name }: Refund): Promise<void> {
  if (refunded.outcome === 'no_session') found('session', room_name, undefined)
  if (refunded.outcome === 'conflict') await refuseKnown(db, id)
  if (refunded.outcome === 'open') throw new Refusal(`session ${room_name} has not ended, and is not charged yet`, 1)
  if (refunded.outcome !== 'too_much') return
  const rest = refunded.charged - refunded.refunded
  const left = rest === 0 ? 'nothing is left' : `at most ${rest} credits are left`
  const amounts = `charged ${refunded.charged}, refunded ${refunded.refunded}`
  throw new Refusal(`${left} to refund of session ${room_name}: ${amounts}`, 1)
}

/** The grant as it is stored, which a repeat does not change, and the organization's credits after it. */
async function show(db: Db, id: string) {
  const { organization_id, amount, granted_by } = await findGrant(db, id)
  const { credits } = await requireOrganization(db, organization_id)
  return { organization_id, amount, granted_by, credits }
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
        if (granted === undefined) return refuseKnown(db, id)
        const { credits, ...grant } = await show(db, id)
        return { id, ...grant, granted, credits }
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
        await refuseRefund(db, refunded, refund)
        const { organization_id, granted_by, credits } = await show(db, id)
        const granted = refunded.outcome === 'refunded'
        return { id, organization_id, room_name, amount, reason, granted_by, granted, credits }
      }),
    )
}
