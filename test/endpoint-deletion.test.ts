// An endpoint is deleted while an event is written: the event waits, is kept, and goes to the others.
import { sql } from 'kysely'
import t from 'tap'
import { recordFact } from '../src/repositories/facts.ts'
import { admin } from './command-line.ts'
import { createEndpoint } from './endpoints.ts'
import { build, cloneDatabase, until } from './helper.ts'
import { query } from './processes.ts'
import { types } from './recorded.ts'

t.test('a fact that writes call.started waits for the deletion of an endpoint, and is written', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const [stays, goes] = [await createEndpoint(t, service), await createEndpoint(t, service)]
  const { json } = await service.create()
  const fact = (kind: 'caller' | 'agent') =>
    recordFact(service.db, {
      ...{ sid: `PA_${kind}${json.room_name}`, room_name: json.room_name, kind, identity: service.organization.userId },
      ...{ worker_name: 'voice-agent', told_at: new Date() },
    })
  await fact('agent')
  const waits = async () => {
    const lock = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return (await query(lock, [], url)).length === 1
  }
  const { asked } = await service.db.transaction().execute(async (db) => {
    await sql`DELETE FROM webhook_endpoints WHERE id = ${goes.id}`.execute(db)
    const asked = fact('caller')
    await until(waits)
    return { asked }
  })
  t.type(await asked, 'number', 'the fact is written')
  t.strictSame(await types(service), ['call.started'])
  t.match(await admin(t, url, 'webhook', 'list', '--org', service.organization.id), [{ id: stays.id, pending: 1 }])
})
