// What a database or a role may set for every connection changes nothing: a whole call, its bill, the lists and the command line
// are the same. Behind a pooler the service can set nothing itself.

import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { createDatabase } from '../src/repositories/database.ts'
import { findSituation } from '../src/repositories/situation.ts'
import { execute } from '../src/repositories/statement.ts'
import { cloneDatabase } from './helper.ts'
import { participant } from './livekit-events.ts'
import { keepParked } from './park.ts'
import { bills, tell, withAgent } from './presence.ts'
import { createDatabaseFrom, query, runAdmin } from './processes.ts'

t.setTimeout(600_000)

const settings: Record<string, string[]> = {
  'German dates': ["DateStyle = 'German'"],
  'American dates, days first, another time zone': ["DateStyle = 'SQL, DMY'", "TimeZone = 'Asia/Kathmandu'"],
  'dates as once in Berkeley, half an hour off': ["DateStyle = 'Postgres, MDY'", "TimeZone = 'America/St_Johns'"],
  'few digits': ['extra_float_digits = -15'],
  'other forms of intervals and bytes': ["IntervalStyle = 'sql_standard'", "bytea_output = 'escape'"],
  'strings and arrays of before 9.1': [
    'standard_conforming_strings = off',
    'array_nulls = off',
    'transform_null_equals = on',
  ],
  'another language': ["lc_numeric = 'C'", "lc_time = 'C'", "lc_messages = 'C'", "client_encoding = 'LATIN1'"],
}

/** For every new connection of this database. */
async function setAll(t: Test, url: string, assignments: string[]) {
  const name = new URL(url).pathname.slice(1)
  for (const assignment of assignments) await query(`ALTER DATABASE ${name} SET ${assignment}`, [], url)
  t.teardown(() => query(`ALTER DATABASE ${name} RESET ALL`, [], url))
}

const milliseconds = (text: string) => new Date(text).getTime()

for (const [title, assignments] of Object.entries(settings)) {
  t.test(`${title}: a call is created, shown, billed and listed as ever`, async (t) => {
    const url = await cloneDatabase()
    await setAll(t, url, assignments)
    const told = await withAgent(t)
    const { service, name } = told
    // A look would find nobody in LiveKit's room.
    await keepParked(t, service.db)
    const caller = participant('caller', 80)
    await tell(told, 'participant_joined', caller, 80)
    const situation = await findSituation(service.db, name)
    const [exact] = await query(
      `SELECT EXTRACT(EPOCH FROM now())::text AS now, EXTRACT(EPOCH FROM created_at)::text AS created_at,
              talk_seconds(room_name, now(), interval '60 s')::text AS talk_seconds FROM voice_sessions
       WHERE room_name = $1`,
      [name],
      url,
    )
    t.equal(situation?.created_at.getTime(), Math.floor(exact?.created_at * 1000))
    t.ok(Math.abs(Number(situation?.now) - exact?.now * 1000) < 5000, 'PostgreSQL’s time')
    t.ok(Number(situation?.talk_seconds) > 40, `${situation?.talk_seconds} s were talked`)
    t.ok(
      Math.abs(Number(situation?.talk_seconds) - exact?.talk_seconds) < 5,
      `and PostgreSQL counts ${exact?.talk_seconds}`,
    )
    await tell(told, 'participant_left', caller, 20)
    await bills(t, told, 60)

    const { json } = await service.get('/v1/chat/voice-sessions?limit=1')
    t.equal(json.sessions[0].room_name, name)
    t.equal(milliseconds(json.sessions[0].created_at), situation?.created_at.getTime())
    t.equal(json.sessions[0].seconds_billed, (await told.session()).seconds_billed)
    t.equal((await service.create()).status, 200, 'a second page')
    const { next_cursor } = (await service.get('/v1/chat/voice-sessions?limit=1')).json
    t.match((await service.get(`/v1/chat/voice-sessions?limit=1&cursor=${next_cursor}`)).json.sessions, [
      { room_name: name },
    ])
    const first = (await service.get('/v1/agents?limit=1')).json
    const rest = (await service.get(`/v1/agents?cursor=${first.next_cursor}`)).json
    t.strictSame([...first.agents, ...rest.agents], (await service.get('/v1/agents')).json.agents, 'pages of agents')
    const second = await service.sessions()
    const end = { method: 'DELETE', headers: service.authorized }
    t.match((await service.request(`/v1/chat/voice-sessions/${second[0]?.room_name}`, end)).json, { status: 'ended' })
  })

  t.test(`${title}: an empty database is migrated, and the command line sees what it writes`, async (t) => {
    const url = await createDatabaseFrom(t, 'template0')
    await setAll(t, url, assignments)
    t.match(await runAdmin(url, 'migrate'), { code: 0 })
    // A letter that a pattern whose backslash was lost would ask for.
    const { stdout } = await runAdmin(url, 'org', 'create', '--name', 'Zoë', '--credits', '9007199254740991')
    const { id: org, created_at } = JSON.parse(stdout)
    t.ok(Math.abs(milliseconds(created_at) - Date.now()) < 60_000, created_at)
    const expires = '2999-02-01T12:00:00.123Z'
    const created = await runAdmin(url, 'key', 'create', '--org', org, '--user', 'a', '--expires', expires)
    t.match(JSON.parse(created.stdout), { expires_at: expires, revoked_at: null })
    t.match(JSON.parse((await runAdmin(url, 'org', 'list')).stdout), [{ name: 'Zoë', credits: 9007199254740991 }])
    const suspended = JSON.parse((await runAdmin(url, 'org', 'suspend', '--org', org)).stdout)
    t.ok(Math.abs(milliseconds(suspended.suspended_at) - Date.now()) < 60_000, suspended.suspended_at)
    t.match(await runAdmin(url, 'audit'), { code: 0 })
  })
}

t.test('a type whose form is a setting is not read at all', async (t) => {
  const db = createDatabase(await cloneDatabase())
  t.teardown(() => db.destroy())
  for (const value of ['now()', "'1 s'::interval", '1.5::float', "'\\x00'::bytea", 'ARRAY[1]'])
    await t.rejects(execute(db, 'ask', sql.raw(`SELECT ${value}`)), { message: /has no fixed form/ }, value)
})
