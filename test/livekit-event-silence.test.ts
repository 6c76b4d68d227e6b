// LiveKit's events that do not come are said in the log and in the metrics: nothing else fails where LiveKit's setting is wrong.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { createSilenceCheck } from '../src/plugins/livekit/livekit-event-silence.ts'
import { silenceCheckSeconds } from '../src/timings.ts'
import { build, buildBehindProxies, read, until } from './helper.ts'
import { participant, sendLiveKitEvent, signed } from './livekit-events.ts'
import { startWatched } from './watched-server.ts'

const type = 'application/webhook+json'
const event = { event: 'participant_joined', room: { name: 'unknown' }, participant: participant('agent', 0) }

const valueIn = (text: string, metric: string) => {
  const [, value] = new RegExp(`^${metric.replaceAll(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text) ?? []
  return value
}

t.test('sessions without any event of LiveKit are said in the log once, and so is that they come again', async (t) => {
  const port = await freeTcpPort()
  const { server, organization, body, create } = await startWatched(t, { METRICS_PORT: String(port) })
  const { db } = await build(t)
  const age = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return valueIn(text, 'livekit_webhook_last_seconds')
  }
  const told = (words: string) =>
    server
      .stdout()
      .split('\n')
      .filter((line) => line.includes(words))
  const silent = () => told('LiveKit sends no events')
  const end = async (name: string) => {
    const path = `${server.url}/v1/chat/voice-sessions/${name}`
    await read(await fetch(path, { method: 'DELETE', headers: { 'x-api-key': organization.key } }))
  }
  const silence = async (secondsAgo = 25) => {
    const { room_name } = (await create(organization.key, body)).json
    await sql`UPDATE voice_sessions SET created_at = now() - make_interval(secs => ${secondsAgo}) WHERE room_name = ${room_name}`.execute(
      db,
    )
    return room_name
  }
  t.equal(await age(), '+Inf', 'none ever came')
  t.strictSame(silent(), [], 'and no session ran')
  const name = await silence()
  const [line] = await until(async () => silent().length > 0 && silent(), 60_000)
  t.match(JSON.parse(line as string), { level: 40, msg: /webhook\.urls .*webhook\.api_key .*LIVEKIT_API_KEY/ })
  await end(name)
  const second = await silence()

  const request = async (path: string, init: RequestInit) => read(await fetch(server.url + path, init))
  t.equal((await sendLiveKitEvent(request, event)).status, 200)
  const seconds = Number(await age())
  t.ok(seconds >= 0 && seconds < 10, `${seconds} s`)
  await until(async () => told('"LiveKit sends events"').length === 1, 60_000)
  t.equal(silent().length, 1, 'once for all that time')
  await end(second)

  await sql`UPDATE webhook_arrival SET last_at = now() - interval '1 h'`.execute(db)
  t.ok(Number(await age()) >= 3600)
  const last = await silence(5)
  // Checked once at least.
  await sleep(1100 * silenceCheckSeconds)
  await end(last)
  t.equal(silent().length, 1, 'not yet')
  await until(async () => silent().length === 2, 90_000, 'a session that has ended meanwhile counts, too')
})

t.test('a check says only what has changed since the one before', async (t) => {
  const { app, create, db } = await build(t)
  const said: string[] = []
  const { repositories } = app
  const log = app.log.child({}, { level: 'silent' })
  log.warn = () => said.push('silent')
  log.info = () => said.push('heard')
  const check = createSilenceCheck({ repositories, log })
  const came = (secondsAgo: number) =>
    sql`INSERT INTO webhook_arrival (last_at) VALUES (now() - make_interval(secs => ${secondsAgo}))
        ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at`.execute(db)
  await create()
  await sql`UPDATE voice_sessions SET created_at = now() - interval '40 s'`.execute(db)
  for (const [secondsAgo, expected] of [
    [3600, ['silent']],
    [3600, ['silent']],
    [0, ['silent', 'heard']],
    [0, ['silent', 'heard']],
    [3600, ['silent', 'heard', 'silent']],
  ] as const) {
    await came(secondsAgo)
    await check()
    t.strictSame(said, expected)
  }
})

t.test('every counter that has labels starts at 0 for those that are known', async (t) => {
  const port = await freeTcpPort()
  const service = await buildBehindProxies(t, { METRICS_PORT: String(port) })
  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const before = await scrape()
  for (const [counter, label, values] of [
    ['voice_sessions_ended_total', 'end_reason', ['caller_left', 'room_missing', 'create_failed', 'max_duration']],
    ['livekit_webhooks_total', 'event', ['room_finished', 'participant_joined', 'participant_connection_aborted']],
    ['livekit_webhooks_refused_total', 'reason', ['signature', 'size', 'unavailable']],
    ['reaper_actions_total', 'action', ['abandoned', 'carry_out', 'lost', 'wake', 'extend', 'end', 'handed_back']],
    ['sweep_actions_total', 'action', ['room_deleted', 'session_settled', 'mass_absence']],
    ['room_deletions_total', 'outcome', ['deleted', 'failed']],
  ] as const)
    for (const value of values) t.equal(valueIn(before, `${counter}{${label}="${value}"}`), '0', `${counter} ${value}`)

  const post = (authorization: string, body = JSON.stringify(event)) =>
    service.request('/webhooks/livekit', { method: 'POST', headers: { 'content-type': type, authorization }, body })
  t.equal((await post(await signed(JSON.stringify(event), { secret: 'x'.repeat(32) }))).status, 401)
  t.equal((await post('nonsense')).status, 401)
  const tooLarge = 'x'.repeat(300_000)
  t.equal((await post(await signed(tooLarge), tooLarge)).status, 413)
  await service.database.set('refuse')
  t.equal((await post(await signed(JSON.stringify(event)))).status, 503)
  await service.database.set('pass')
  t.equal((await post(await signed(JSON.stringify(event)))).status, 200)
  const text = await scrape()
  const refused = (reason: string) => valueIn(text, `livekit_webhooks_refused_total{reason="${reason}"}`)
  t.strictSame(['signature', 'size', 'unavailable'].map(refused), ['2', '1', '1'])
  t.equal(valueIn(text, 'livekit_webhooks_total{event="participant_joined"}'), '2', 'those that LiveKit signed')
})

t.test('how long ago LiveKit’s last event came is NaN while the database cannot tell', async (t) => {
  const port = await freeTcpPort()
  const service = await buildBehindProxies(t, { METRICS_PORT: String(port) })
  await service.database.set('refuse')
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  t.equal(valueIn(text, 'livekit_webhook_last_seconds'), 'Nan')
  t.equal(valueIn(text, 'sessions_past_wake'), 'Nan')
})
