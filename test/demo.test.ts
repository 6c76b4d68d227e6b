// What the demo says of itself, and to whom its database and its place belong.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addressesIn } from '../demo/connection.ts'
import { configurationOf } from '../demo/livekit-server.ts'
import { takeLock } from '../demo/lock.ts'
import { tailOf } from '../demo/processes.ts'
import { describeReceipt } from '../demo/receipt.ts'
import { isUsedByOthers, seed } from '../demo/seed.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { createOrganization } from '../src/repositories/organizations.ts'
import { createDatabaseFrom } from './processes.ts'

t.test('a database is nobody else’s while it is empty or has the demo’s organizations only', async (t) => {
  const empty = createDatabase(await createDatabaseFrom(t, 'template0'))
  t.teardown(() => empty.destroy())
  t.equal(await isUsedByOthers(empty), false, 'no tables')

  const db = createDatabase(await createDatabaseFrom(t, 'template'))
  t.teardown(() => db.destroy())
  t.equal(await isUsedByOthers(db), false, 'no organizations')
  await seed(db, `${t.testdir()}/keys.json`)
  t.equal(await isUsedByOthers(db), false, 'its own')
  await createOrganization(db, { name: 'Acme' })
  t.equal(await isUsedByOthers(db), true, 'another’s')
})

t.test('a second demo of a checkout is told where the first one is, or that it is starting', async (t) => {
  const directory = t.testdir()
  const [lock, connection] = [join(directory, 'lock'), join(directory, 'connection.json')]
  const take = () => takeLock(lock, () => addressesIn(connection))
  await take()
  const running = `process ${process.pid}, which "kill ${process.pid}" ends.\n`
  await t.rejects(take(), { message: new RegExp(`${running}It is still starting`) })
  const content = { url: 'http://127.0.0.1:3000', web_url: 'http://127.0.0.1:8080', api_key: 'tk_live_a' }
  const page = 'Talk to it: +http://127.0.0.1:8080\n'
  for (const [docs_url, rest] of [
    ['http://127.0.0.1:3000/docs', 'Swagger UI: +http://127.0.0.1:3000/docs\n +Authorize: +tk_live_a$'],
    [null, 'Service: +http://127.0.0.1:3000\n +API key: +tk_live_a$'],
  ]) {
    writeFileSync(connection, JSON.stringify({ ...content, docs_url }))
    await t.rejects(take(), { message: new RegExp(running + page + rest) })
  }
})

t.test('what is told of a log names it, and says where it is empty', async (t) => {
  const file = join(t.testdir({ 'service.log': '' }), 'service.log')
  t.equal(tailOf(file), `${file} is empty`)
  writeFileSync(file, 'first\nsecond\nthird\n')
  t.equal(tailOf(file, 2), `The end of ${file}:\nsecond\nthird`)
})

t.test('a receipt says in words why a call is over, how long it was and what it cost', async (t) => {
  const talked = { end_reason: 'ended_by_api', seconds_billed: 61, credits_charged: 1200 }
  t.equal(
    describeReceipt(talked),
    'the call is over: the demo ended it, with DELETE. Talked: 61 seconds, 2 started minutes. Cost: 1,200 credits',
  )
  const nothing = { end_reason: 'room_missing', seconds_billed: 0, credits_charged: 0 }
  t.match(describeReceipt(nothing), 'room missing. Talked: 0 seconds, 0 started minutes. Cost: nothing')
  t.match(
    describeReceipt({ ...talked, seconds_billed: 1, credits_charged: 1 }),
    '1 second, 1 started minute. Cost: 1 credit',
  )
})

t.test('docs/operating.md says of each of LiveKit’s settings what it is for', async (t) => {
  const [, text = ''] = readFileSync('docs/operating.md', 'utf8').split('### What the demo sets in LiveKit\n')
  const [table = ''] = text.split('\n### ')
  const configuration = await configurationOf({ port: 7880, eventsUrl: 'http://127.0.0.1:3000' }, 'key', 'secret')
  // Logging is the demo's own, for its log file.
  const { logging: _, keys, webhook, ...settings } = configuration
  const names = Object.entries(settings).flatMap(([name, value]) =>
    Array.isArray(value) || typeof value !== 'object' ? [name] : Object.keys(value).map((key) => `${name}.${key}`),
  )
  t.ok(names.length > 10)
  for (const name of [...names, ...Object.keys({ keys, webhook })]) t.match(table, new RegExp(`\`${name}[\`:]`), name)
})
