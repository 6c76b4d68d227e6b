// Activation: what making a session active does to its row.
import { sql } from 'kysely'
import t from 'tap'
import { build, buildBehindProxies, until } from './helper.ts'

t.test('a session becomes active in place: no index is written', async (t) => {
  const service = await build(t)
  t.equal((await service.create()).status, 200)
  // The statistics of a connection are told once a second.
  const updates = await until(async () => {
    const { rows } = await sql<{ updates: number; in_place: number }>`
      SELECT n_tup_upd AS updates, n_tup_hot_upd AS in_place FROM pg_stat_user_tables
      WHERE relname = 'voice_sessions' AND n_tup_upd > 0`.execute(service.db)
    return rows[0]
  })
  t.strictSame(updates, { updates: 1, in_place: 1 })
})

t.test('a session whose room took long to make is first looked at 15 s after that', async (t) => {
  const service = await buildBehindProxies(t)
  const first = () => sql`UPDATE voice_sessions SET wake_at = now() + interval '4 s'`.execute(service.db)
  service.database.setWhen(/SET status = 'active'/, { first })
  const { status, json } = await service.create()
  t.equal(status, 200)
  const { rows } = await sql<{ seconds: number }>`
    SELECT EXTRACT(EPOCH FROM wake_at - now())::float AS seconds FROM voice_sessions
    WHERE room_name = ${json.room_name}`.execute(service.db)
  const [{ seconds }] = rows as [{ seconds: number }]
  t.ok(seconds > 5 && seconds <= 15, `${seconds} s`)
})
