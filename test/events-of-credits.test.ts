// Events of credits are written by the statements of the ledger, each once until the next grant.

import { sql } from 'kysely'
import t from 'tap'
import { grantCredits } from '../src/repositories/credit-grants.ts'
import { build, talked, until } from './helper.ts'
import { grant, recorded, recording, setOrganization, types } from './recorded.ts'

t.test('credit.low: by a hold, once until the next grant', async (t) => {
  const service = await build(t, {}, { credits: 100 })
  await recording(service)
  for (let call = 0; call < 8; call++) await service.create()
  t.same(await types(service), [], '20 are free, which is a fifth')
  await service.create()
  const [low] = await recorded(service)
  t.match(low, { type: 'credit.low', data: { available: 10, held: 90, open_sessions: 9, max_sessions: 100 } })
  t.same(low.data, (await service.get('/v1/credits')).json)
  await service.create()
  t.same(await types(service), ['credit.low'], 'once')

  await grant(service, 1)
  t.same(await types(service), ['credit.low'], 'a grant tells nothing')
  await grant(service, -1)
  t.same(await types(service), ['credit.low', 'credit.low'], 'what is taken back does')
})

t.test('credit.low: by an extension, and by what is taken back', async (t) => {
  const service = await build(t, {}, { credits: 100 })
  await recording(service)
  const { json } = await service.create()
  const { id: organization_id } = service.organization
  const session = { room_name: json.room_name, organization_id, attempt: 1 }
  t.ok(await service.app.calls.extend(session, 70, new Date(Date.now() + 60_000)))
  t.same(await types(service), [])
  t.ok(await service.app.calls.extend(session, 1, new Date(Date.now() + 60_000)))
  t.same(await types(service), ['credit.low'])
  await grant(service, 400)
  await grant(service, -318)
  t.same(await types(service), ['credit.low'], '101 of 500 are a fifth and one more')
  await grant(service, -2)
  t.same(await types(service), ['credit.low', 'credit.low'])
})

t.test('credit.depleted: by a 402, once a day until the next grant', async (t) => {
  const service = await build(t, {}, { credits: 15 })
  await recording(service)
  await service.create()
  const depleted = async () => (await types(service)).filter((type) => type === 'credit.depleted').length
  t.equal(await depleted(), 0)
  const refusals = await Promise.all(Array.from({ length: 5 }, () => service.create()))
  for (const { status } of refusals) t.equal(status, 402)
  t.equal(await depleted(), 1)
  const told = (await recorded(service)).find(({ type }) => type === 'credit.depleted')
  t.same(told.data, { available: 5, held: 10, open_sessions: 1, max_sessions: 100 })

  await setOrganization(service, "depleted_at = now() - interval '24 hours 1 second'")
  await service.create()
  t.equal(await depleted(), 2, 'a day later')
  await setOrganization(service, "depleted_at = now() + interval '1 hour'")
  await service.create()
  t.equal(await depleted(), 3, 'the clock was set back')
  await grant(service, 1)
  await service.create()
  t.equal(await depleted(), 4, 'after a grant')
  await grant(service, -1)
  await service.create()
  t.equal(await depleted(), 4, 'what is taken back changes nothing')
})

t.test('credit.depleted: not by a 402 that meets a grant; the next one that lacks credits is told', async (t) => {
  const service = await build(t, {}, { credits: 5 })
  const { db, organization } = service
  await recording(service)
  const refused = await db.transaction().execute(async (transaction) => {
    await grantCredits(transaction, { id: 'meets', organization_id: organization.id, amount: 1000 })
    const create = service.create()
    // Until it waits for the organization's row: it has read that there are 5.
    await until(async () => {
      const waiting = sql<{ count: number }>`
        SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '/* holdMinute */%'`
      return (await waiting.execute(db)).rows[0]?.count
    })
    return { create }
  })
  t.equal((await refused.create).status, 402)
  t.same(await types(service), [])
  await grant(service, -1000)
  t.equal((await service.create()).status, 402)
  t.same(await types(service), ['credit.low', 'credit.depleted'])
})

t.test('credit.depleted: by a call that ended for lack of credits', async (t) => {
  const service = await build(t, {}, { credits: 10 })
  await recording(service)
  const { json } = await service.create()
  await talked(service.db, json.room_name)
  await service.app.calls.settle(json.room_name, { end_reason: 'credits_exhausted', until: 'now' })
  t.same(await types(service), ['credit.low', 'call.ended', 'credit.depleted'])
})
