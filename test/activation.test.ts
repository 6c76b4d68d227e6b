// Activation: what making a session active does to its row.
import { sql } from 'kysely'
import t from 'tap'
import { holdMinute } from '../src/repositories/hold.ts'
import { activate } from '../src/repositories/transitions.ts'
import { formatRoomName } from '../src/room-name.ts'
import { build, buildBehindProxies, type Service, until } from './helper.ts'
import { defaults, withoutContext } from './without-context.ts'

/** Sessions of the organization that wait for their rooms. */
async function holdSome({ db, organization }: Service, count: number): Promise<string[]> {
  const { id: organization_id, keyId: api_key_id, userId: user_id, pipelineAgent: agent_id } = organization
  const names: string[] = []
  for (let timestamp = Date.now(); names.length < count; timestamp++) {
    const room_name = formatRoomName({ agentId: agent_id, userId: user_id, timestamp })
    const ids = { room_name, organization_id, api_key_id, user_id, agent_id }
    await holdMinute(db, { ...ids, ...withoutContext }, defaults)
    names.push(room_name)
  }
  return names
}

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
  const before = () => sql`UPDATE voice_sessions SET wake_at = now() + interval '4 s'`.execute(service.db)
  service.database.when('activate', { before })
  const { status, json } = await service.create()
  t.equal(status, 200)
  const { rows } = await sql<{ seconds: number }>`
    SELECT EXTRACT(EPOCH FROM wake_at - now())::float AS seconds FROM voice_sessions
    WHERE room_name = ${json.room_name}`.execute(service.db)
  const [{ seconds }] = rows as [{ seconds: number }]
  t.ok(seconds > 5 && seconds <= 15, `${seconds} s`)
})

t.test(
  'of several that are activated at once each gets its own room, and none waits for one that is in other hands',
  async (t) => {
    const service = await build(t)
    const names = await holdSome(service, 5)
    const [, taken, locked] = names
    await sql`UPDATE voice_sessions SET attempt = 2 WHERE room_name = ${taken}`.execute(service.db)
    const activated = await service.db.transaction().execute(async (somebody) => {
      await sql`SELECT 1 FROM voice_sessions WHERE room_name = ${locked} FOR UPDATE`.execute(somebody)
      const all = names.map((room_name, index) =>
        activate(service.db, {
          room_name,
          attempt: 1,
          room_sid: `RM_${index}`,
          worker_name: 'voice-agent',
          made_at: null,
        }),
      )
      return Promise.all(all)
    })
    const expected = names.map((room_name, index) => (index === 1 || index === 2 ? undefined : { room_name }))
    t.strictSame(activated, expected)
    const { rows } = await sql<{ status: string; room_sid: string | null }>`
    SELECT status, room_sid FROM voice_sessions WHERE organization_id = ${service.organization.id} ORDER BY room_name`.execute(
      service.db,
    )
    t.strictSame(
      rows,
      names.map((_, index) =>
        expected[index] ? { status: 'active', room_sid: `RM_${index}` } : { status: 'creating', room_sid: null },
      ),
    )
  },
)
