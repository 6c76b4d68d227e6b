// `admin credits …`: what organizations spend.
import type { Command } from 'commander'
import { grantCredits } from '../repositories/credit-grants.ts'
import { integerFrom, orgOption, Refusal, type Run, requireOrganization, text } from './command.ts'

export function addCreditsCommands(program: Command, run: Run): void {
  program
    .command('credits')
    .description('what organizations spend')
    .command('grant')
    .description('add credits, once per grant id; a negative amount takes unspent ones back')
    .addOption(orgOption())
    .requiredOption('--amount <n>', 'credits', integerFrom(-Number.MAX_SAFE_INTEGER))
    .requiredOption('--id <id>', 'a name for this grant, such as an invoice number', text)
    .action(
      run(async (db, { org, amount, id }: { org: string; amount: number; id: string }) => {
        await requireOrganization(db, org)
        if (amount === 0) throw new Refusal('a grant of 0 credits is none', 2)
        const granted = await grantCredits(db, { id, organization_id: org, amount })
        if (granted === undefined)
          throw new Refusal(`grant ${id} was made before, with another amount or organization`, 1)
        return { id, organization_id: org, amount, granted, credits: (await requireOrganization(db, org)).credits }
      }),
    )
}
