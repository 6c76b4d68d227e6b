// `admin usage`: what an organization's calls of some days came to.
import { type Command, Option } from 'commander'
import { isSpan, longestSpanDays, toDay } from '../days.ts'
import { type GroupBy, sumUsage } from '../repositories/usage.ts'
import { check, orgOption, Refusal, type Run, requireOrganization } from './command.ts'
import { csv } from './csv.ts'

const figures = ['calls', 'calls_charged', 'seconds_billed', 'credits_charged', 'credits_refunded'] as const

/** What a row is for, as its fields are called. */
const fields = {
  day: ['day'],
  agent: ['agent_id', 'agent_name'],
  user_identifier: ['user_identifier'],
} as const satisfies Record<GroupBy, readonly string[]>

const day = check('a date such as 2024-01-15', toDay)

interface Options {
  org: string
  from: Date
  to: Date
  groupBy: GroupBy
  csv?: boolean
}

export function addUsageCommand(program: Command, run: Run): void {
  program
    .command('usage')
    .description('what the calls of some days came to, in UTC; open_calls: 0 says that none is missing')
    .addOption(orgOption())
    .requiredOption('--from <date>', 'the first day', day)
    .requiredOption('--to <date>', `the day after the last one, at most ${longestSpanDays} days later`, day)
    .addOption(new Option('--group-by <group>', 'what a row is for').choices(Object.keys(fields)).default('day'))
    .option('--csv', 'as CSV')
    .action(
      run(async (db, { org, from, to, groupBy: group_by, csv: isCsv }: Options) => {
        if (!isSpan(from, to))
          throw new Refusal(`--to must be after --from, and at most ${longestSpanDays} days later`, 2)
        await requireOrganization(db, org)
        const span = { from, to, group_by, limit: Number.MAX_SAFE_INTEGER }
        const { rows, open_calls } = await sumUsage(db, org, span)
        const named = rows.map(({ key, ...sums }) => ({ [fields[group_by][0]]: key, ...sums }))
        if (isCsv) return csv<Record<string, unknown>>([...fields[group_by], ...figures], named)
        const [first, last] = [from, to].map((date) => date.toISOString().slice(0, 10))
        return { from: first, to: last, group_by, rows: named, open_calls }
      }),
    )
}
