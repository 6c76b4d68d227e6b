// A replay answers a token that works, however long the call has been going on.
import { sql } from 'kysely'
import t from 'tap'
import { withSession } from '../with-session.ts'

for (const [age, left] of [
  [0, 3600],
  [3500, 100],
  [3539, 61],
  [3541, 3600],
  [70 * 60, 3600],
] as const)
  t.test(`a replay ${age} s after the creation answers a token that is valid for ${left} s`, async (t) => {
    const { service } = await withSession(t)
    const key = { 'idempotency-key': 'again' }
    const agent = service.organization.pipelineAgent
    const first = (await service.create(agent, key)).json
    await sql`UPDATE voice_sessions SET created_at = created_at - make_interval(secs => ${age})`.execute(service.db)
    const { json, headers } = await service.create(agent, key)
    t.equal(headers.get('idempotency-replayed'), 'true')
    t.equal(json.room_name, first.room_name)
    const { exp } = JSON.parse(Buffer.from(json.token.split('.')[1], 'base64url').toString())
    const validFor = exp - Date.now() / 1000
    t.ok(Math.abs(validFor - left) < 10, `${validFor} s`)
  })
