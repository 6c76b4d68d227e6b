// The list of sessions: filtered, and as a table for spreadsheets.
import t from 'tap'
import { chargedSession } from './charged.ts'
import { admin, refuses } from './command-line.ts'
import { build, cloneDatabase } from './helper.ts'
import { query, runAdmin } from './processes.ts'

t.test('session list filters, limits, and prints CSV', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const { id: org, pipelineAgent, realtimeAgent } = service.organization
  const old = await chargedSession(service)
  await query("UPDATE voice_sessions SET created_at = '2020-02-29T12:00:00Z' WHERE room_name = $1", [old], url)
  const { json: other } = await service.create(realtimeAgent)
  const body = { agent_id: pipelineAgent, user_identifier: '=ana', metadata: { order: '4,27' } }
  const { json: newest } = await service.post(JSON.stringify(body))
  const list = async (...args: string[]) =>
    (await admin(t, url, 'session', 'list', '--org', org, ...args)).map(({ room_name }: never) => room_name)
  const [second, third] = [other.room_name, old]
  const first = newest.room_name
  t.strictSame(await list(), [first, second, third])
  t.strictSame(await list('--limit', '2'), [first, second])
  t.strictSame(await list('--status', 'ended'), [third])
  t.strictSame(await list('--status', 'active', '--agent', realtimeAgent), [second])
  t.strictSame(await list('--since', '2020-02-29T12:00:00Z'), [first, second, third], 'since is inclusive')
  t.strictSame(await list('--until', '2020-02-29T12:00:00Z'), [], 'until is exclusive')
  t.strictSame(await list('--until', '2020-03-01T00:00:00+01:00'), [third])
  t.strictSame(await list('--user-identifier', '=ana'), [first])
  t.strictSame(await list('--since', '2999-01-01T00:00:00Z'), [])

  const { code, stdout } = await runAdmin(url, 'session', 'list', '--org', org, '--csv')
  t.equal(code, 0)
  const [header, line, ...more] = stdout.split('\r\n')
  const [row] = await admin(t, url, 'session', 'list', '--org', org)
  t.strictSame(header?.split(',').sort(), Object.keys(row).sort(), 'all that is printed otherwise')
  t.match(line, `${first},${pipelineAgent},Support Agent (pipeline),1,user123,'=ana,"{""order"":""4,27""}",active,`)
  t.equal(more.length, 3, 'two more, and the end of the last line')
  await refuses(t, 2, url, [
    [/Allowed choices are creating, active, ended/, 'session', 'list', '--org', org, '--status', 'lost'],
    [/RFC 3339/, 'session', 'list', '--org', org, '--since', 'yesterday'],
    [/It must be a UUID/, 'session', 'list', '--org', org, '--agent', 'x'],
    [/whole number from 1/, 'session', 'list', '--org', org, '--limit', '0'],
  ])
})
