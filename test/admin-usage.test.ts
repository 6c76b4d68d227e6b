// `admin usage`: what an organization's calls came to, as JSON and as a table for spreadsheets.
import t from 'tap'
import { admin, refuses } from './command-line.ts'
import { build, cloneDatabase } from './helper.ts'
import { play, usageOf } from './histories.ts'
import { runAdmin } from './processes.ts'

t.setTimeout(600_000)

const january = ['--from', '2024-01-01', '--to', '2024-02-01']
const figures = 'calls,calls_charged,seconds_billed,credits_charged,credits_refunded'

t.test('usage prints all rows, as getUsage answers them, or a table', async (t) => {
  const url = await cloneDatabase()
  const service = await build(t, {}, { credits: 100_000 })
  const { id: org, pipelineAgent: agent_id } = service.organization
  const persons = ['=1+1', 'Ana, "A"', ...Array.from({ length: 120 }, (_, index) => `person ${index + 100}`), null]
  const call = { agent_id, ended_at: new Date('2024-01-15T10:00:00Z'), seconds: 61 }
  await play(
    service,
    persons.map((user_identifier, index) => ({ ...call, user_identifier, isOpen: index === 5 })),
  )
  for (const group_by of ['day', 'agent', 'user_identifier']) {
    const { rows } = await usageOf(service, { from: '2024-01-01', to: '2024-02-01', group_by })
    const printed = await admin(t, url, 'usage', '--org', org, ...january, '--group-by', group_by)
    const shown = rows.map((row) => (group_by === 'user_identifier' ? { user_identifier: null, ...row } : row))
    t.strictSame(printed, { from: '2024-01-01', to: '2024-02-01', group_by, rows: shown, open_calls: 1 })
    t.equal(JSON.stringify(printed.rows), JSON.stringify(shown), 'in the same order')
  }
  const table = async (...args: string[]) => {
    const { code, stdout, stderr } = await runAdmin(url, 'usage', '--org', org, ...january, '--csv', ...args)
    t.match({ code, stderr }, { code: 0, stderr: '' })
    return stdout.split('\r\n')
  }
  t.strictSame(await table(), [`day,${figures}`, '2024-01-15,122,122,7442,2440,0', ''])
  const agent = `${agent_id},Support Agent (pipeline)`
  t.strictSame(await table('--group-by', 'agent'), [
    `agent_id,agent_name,${figures}`,
    `${agent},122,122,7442,2440,0`,
    '',
  ])
  const lines = await table('--group-by', 'user_identifier')
  const [first, formula, quoted, person] = lines
  t.equal(first, `user_identifier,${figures}`)
  t.equal(formula, "'=1+1,1,1,61,20,0")
  t.equal(quoted, '"Ana, ""A""",1,1,61,20,0')
  t.equal(person, 'person 100,1,1,61,20,0')
  t.strictSame(lines.slice(-2), [',1,1,61,20,0', ''], 'those without a person are last')
  t.equal(lines.length, 124)
})

t.test('exit 2: what is no day, no span, no group, and nobody’s organization', async (t) => {
  const url = await cloneDatabase()
  const org = ['--org', '00000000-0000-4000-8000-000000000000']
  const days = (from: string, to: string) => ['--from', from, '--to', to]
  await refuses(t, 2, url, [
    [/option '--from <date>' not specified/, 'usage', ...org, '--to', '2024-02-01'],
    [/option '--to <date>' not specified/, 'usage', ...org, '--from', '2024-02-01'],
    [/option '--org <id>' not specified/, 'usage', ...january],
    [/It must be a date such as 2024-01-15/, 'usage', ...org, ...days('2024-02-30', '2024-03-01')],
    [/It must be a date such as 2024-01-15/, 'usage', ...org, ...days('2024-01-01', '+002024-01-15')],
    [/--to must be after --from, and at most 366 days later/, 'usage', ...org, ...days('2024-01-01', '2024-01-01')],
    [/--to must be after --from, and at most 366 days later/, 'usage', ...org, ...days('2024-01-01', '2025-01-02')],
    [/Allowed choices are day, agent, user_identifier/, 'usage', ...org, ...january, '--group-by', 'month'],
    [/there is no organization 00000000/, 'usage', ...org, ...january],
  ])
})
