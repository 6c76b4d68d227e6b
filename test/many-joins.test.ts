// Whoever leaves and comes again has a new row. However many there are, a look and a settlement take no longer than a statement
// may.
import { sql } from 'kysely'
import t from 'tap'
import { buildBehindProxies } from './helper.ts'

t.test('a caller who came 40,000 times is looked at and settled', async (t) => {
  const service = await buildBehindProxies(t)
  const { json } = await service.create()
  const room_name: string = json.room_name
  await sql`UPDATE voice_sessions SET created_at = created_at - interval '3 h'`.execute(service.db)
  await sql`
    INSERT INTO participants (sid, room_name, kind, identity, joined_at, left_at, seen_at)
    SELECT 'PA_' || n, ${room_name}, 'caller', 'user123', at, at + interval '100 ms', at
    FROM generate_series(1, 40000) AS n, LATERAL (SELECT now() - interval '3 h' + n * interval '250 ms') AS time(at)`.execute(
    service.db,
  )
  const { repositories, calls } = service.app
  t.match(await repositories.findSituation(room_name), { caller_known: true })
  t.ok(await calls.settle(room_name, { end_reason: 'caller_left', until: 'now' }))
})
