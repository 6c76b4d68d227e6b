// 402: the organization has less than one minute's credits. No room is ever made for a call that is not paid for.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { buildBehindProxies, leftNothing, livekitCalls, refused, until } from '../helper.ts'

const sentence = 'Insufficient credits'

for (const credits of [0, 1, 9])
  t.test(`402: ${credits} credits do not pay a minute of 10`, async (t) => {
    const service = await buildBehindProxies(t, {}, { credits })
    refused(t, await service.create(), 402, sentence)
    await leftNothing(t, service)
    t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
  })

t.test('402: the last minute is paid to the last credit, and then there is none', async (t) => {
  const service = await buildBehindProxies(t, {}, { credits: 25 })
  t.equal((await service.create()).status, 200)
  t.equal((await service.create()).status, 200)
  refused(t, await service.create(), 402, sentence)
  t.equal(await service.credits(), 5)
  t.equal((await service.sessions()).length, 2)
  t.strictSame(livekitCalls(service.livekit), ['CreateRoom', 'CreateRoom'])
})

t.test('402: an agent’s price is its own', async (t) => {
  const service = await buildBehindProxies(t, {}, { credits: 100 })
  const { pipelineAgent, realtimeAgent } = service.organization
  const price = (id: string, credits_per_minute: number) =>
    service.db.updateTable('agents').set({ credits_per_minute }).where('id', '=', id).execute()
  await price(pipelineAgent, 101)
  await price(realtimeAgent, Number.MAX_SAFE_INTEGER)
  for (const agent of [pipelineAgent, realtimeAgent]) refused(t, await service.create(agent), 402, sentence)
  await leftNothing(t, service)
})

/** While somebody else has the organization's row, sends a create, waits until it waits for the row, and lets `change` happen. */
async function createBehindRacer(t: Test, seed: object, change: ReturnType<typeof sql>) {
  const service = await buildBehindProxies(t, {}, seed)
  const { id } = service.organization
  const answer = await service.db.transaction().execute(async (racer) => {
    await sql`SELECT 1 FROM organizations WHERE id = ${id} FOR UPDATE`.execute(racer)
    const create = service.create()
    await until(async () => {
      const { rows } = await sql`
        SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(
        service.db,
      )
      return rows.length > 0
    })
    await sql`${change} WHERE id = ${id}`.execute(racer)
    return { create }
  })
  return { service, answer: await answer.create }
}

t.test('402: credits that a racer spends in between are spent', async (t) => {
  const spend = sql`UPDATE organizations SET credits = credits - 5`
  const { service, answer } = await createBehindRacer(t, { credits: 14 }, spend)
  refused(t, answer, 402, sentence)
  t.equal(await service.credits(), 9)
  t.strictSame(await service.sessions(), [])
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
  await service.db.updateTable('organizations').set({ credits: 14 }).where('id', '=', service.organization.id).execute()
})

t.test('402: takes no lock: it does not wait for whoever has the organization’s row', async (t) => {
  const service = await buildBehindProxies(t, {}, { credits: 0 })
  await service.db.transaction().execute(async (holder) => {
    await sql`SELECT 1 FROM organizations WHERE id = ${service.organization.id} FOR UPDATE`.execute(holder)
    refused(t, await service.create(), 402, sentence)
  })
})

t.test('402: an organization that is not there has no credits', async (t) => {
  const service = await buildBehindProxies(t)
  const { id } = service.organization
  // Ownership in the WHERE makes this unreachable but by a lost foreign key; the ledger's silence is no yes all the same.
  const remove = () =>
    service.db.transaction().execute(async (db) => {
      await sql`SET LOCAL session_replication_role = replica`.execute(db)
      await sql`DELETE FROM organizations WHERE id = ${id}`.execute(db)
    })
  service.database.when('holdMinute', { before: remove })
  refused(t, await service.create(), 402, sentence)
  t.strictSame(await service.sessions(), [])
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
})
