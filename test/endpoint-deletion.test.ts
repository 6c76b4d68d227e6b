// An endpoint is deleted while an event is written: the event waits, is kept, and goes to the others.
import { sql } from 'kysely'
import t from 'tap'
import { admin } from './command-line.ts'
import { createEndpoint } from './endpoints.ts'
import { fact } from './fact.ts'
import { build, cloneDatabase, until } from './helper.ts'
import { types } from './recorded.ts'
import { oneWaits } from './waiting.ts'

t.test('a fact that writes call.started waits for the deletion of an endpoint, and is written', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const [stays, goes] = [await createEndpoint(t, service), await createEndpoint(t, service)]
  const { json } = await service.create()
  await fact(service, json.room_name, 'agent')
  const { asked } = await service.db.transaction().execute(async (db) => {
    await sql`DELETE FROM webhook_endpoints WHERE id = ${goes.id}`.execute(db)
    const asked = fact(service, json.room_name, 'caller')
    await until(oneWaits)
    return { asked }
  })
  t.type(await asked, 'number', 'the fact is written')
  t.strictSame(await types(service), ['call.started'])
  t.match(await admin(t, url, 'webhook', 'list', '--org', service.organization.id), [{ id: stays.id, pending: 1 }])
})
