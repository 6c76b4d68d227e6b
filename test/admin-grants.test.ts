// Grants: what is held comes back to what is free, so both together are never more than can be counted.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { runProgram } from '../src/commands/program.ts'
import { build, cloneDatabase, type Service, until } from './helper.ts'
import { query, runAdmin } from './processes.ts'

const most = Number.MAX_SAFE_INTEGER
const credits = 1000

const grant = async ({ organization }: Service, amount: number, id: string) =>
  runAdmin(
    await cloneDatabase(),
    ...['credits', 'grant', '--org', organization.id, '--amount', String(amount), '--id', id],
  )

/** Refused in one line, and nothing is changed. */
async function refused(t: Test, service: Service, amount: number, id: string) {
  const before = await service.credits()
  const stderr = `error: the credits would be less than 0 or more than ${most}\n`
  t.strictSame(await grant(service, amount, id), { code: 1, stdout: '', stderr }, id)
  t.equal(await service.credits(), before)
  t.strictSame(await query('SELECT id FROM credit_grants WHERE id = $1', [id], await cloneDatabase()), [])
}

const end = (service: Service, name: string) =>
  service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })

t.test('exit 1: a grant after which what a session holds could not come back', async (t) => {
  const service = await build(t, {}, { credits })
  const { json } = await service.create()
  await refused(t, service, most - (credits - 10), 'as much as may be free')
  await refused(t, service, most - credits + 1, 'one too many')
  t.match(await grant(service, most - credits, 'all'), { code: 0, stdout: /"granted":true/ })
  await refused(t, service, 1, 'one more')
  t.match(await grant(service, most - credits, 'all'), { code: 0, stdout: /"granted":false/ }, 'a repeat adds nothing')

  t.match((await end(service, json.room_name)).json, { status: 'ended', credits_charged: 0 })
  t.equal(await service.credits(), most, 'all has come back')
  await refused(t, service, 1, 'still one more')
  t.match(await grant(service, -most, 'taken back'), { code: 0 })
  t.match(await grant(service, most, 'given again'), { code: 0 }, 'an ended session holds nothing')
})

t.test('exit 0: an organization may open with all that there may be, and spend and return it', async (t) => {
  const service = await build(t, {}, { credits: most })
  const { json } = await service.create()
  await refused(t, service, 10, 'what is held')
  t.match(await grant(service, -10, 'correction'), { code: 0 })
  t.match(await grant(service, 10, 'correction of the correction'), { code: 0 })
  t.match((await end(service, json.room_name)).json, { status: 'ended' })
  t.equal(await service.credits(), most)
})

t.test('exit 1: the same grant, where more is held while it waits', async (t) => {
  const service = await build(t, {}, { credits })
  const { json } = await service.create()
  const waits = async () => {
    const lock = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return (await query(lock, [], await cloneDatabase())).length === 1
  }
  const { asked } = await service.db.transaction().execute(async (db) => {
    await sql`UPDATE organizations SET credits = credits - 20 WHERE id = ${service.organization.id}`.execute(db)
    await sql`UPDATE voice_sessions SET held = held + 20 WHERE room_name = ${json.room_name}`.execute(db)
    const asked = grant(service, most - credits + 1, 'meanwhile')
    await until(waits)
    return { asked }
  })
  t.match(await asked, { code: 1, stderr: new RegExp(`more than ${most}`) })
  t.equal(await service.credits(), credits - 30)
})

t.test('exit 1: what is too much to print has nothing to do with credits', async (t) => {
  const { organization } = await build(t)
  const url = await cloneDatabase()
  const warnings: string[] = []
  // As JSON.stringify does where the text would be longer than a text may be.
  const print = () => {
    'x'.repeat(2 ** 30)
  }
  const surroundings = {
    variable: () => url,
    readVariables: () => {},
    print,
    warn: (text: string) => warnings.push(text),
  }
  t.equal(await runProgram(['session', 'list', '--org', organization.id], surroundings), 1)
  t.strictSame(warnings, ['error: this is too much to print: Invalid string length\n'])
})
