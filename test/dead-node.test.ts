// Rooms of a dead node, of which LiveKit says only after seconds that it cannot reach them, keep no call waiting that goes well.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { buildBehindProxies, type Proxied, until } from './helper.ts'
import { participant, sendLiveKitEvent } from './livekit-events.ts'
import { park } from './park.ts'

const dead = 400
const well = 20
/** A tick of the reaper, the first looks at the dead rooms, and a busy machine. */
const patience = 40_000

const json = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
const text = '{"code":"unavailable","msg":"no response from servers"}'
const unavailable = { answer: json('503 Service Unavailable', text), delayMilliseconds: 3000 }

const start = (t: Test) =>
  buildBehindProxies(t, { RATE_LIMIT_PER_MINUTE: '100000' }, { credits: 100_000, maxSessions: 1000 })

async function createMany(service: Proxied, count: number): Promise<string[]> {
  const names: string[] = []
  const createNext = async () => {
    for (let left = count / 4; left > 0; left--) names.push((await service.create()).json.room_name)
  }
  await Promise.all([1, 2, 3, 4].map(createNext))
  return names
}

const wake = (service: Proxied, names: string[], secondsAgo: number) =>
  sql`
    UPDATE voice_sessions
    SET created_at = now() - interval '1 min', wake_at = now() - make_interval(secs => ${secondsAgo})
    WHERE room_name = ANY (${names}::text[]) AND charged IS NULL`.execute(service.db)

/** How many of these sessions are open. */
async function open({ db }: Proxied, names: string[]): Promise<number> {
  const { rows } = await sql`
    SELECT FROM voice_sessions WHERE room_name = ANY (${names}::text[]) AND charged IS NULL`.execute(db)
  return rows.length
}

t.test('20 calls are looked at in time beside 400 rooms of a dead node', { timeout: 600_000 }, async (t) => {
  const service = await start(t)
  const lost = new Set(await createMany(service, dead))
  const isLost = (text: string) => lost.has(/"room":"([^"]+)"/.exec(text)?.[1] ?? '')
  for (const name of ['ListParticipants', 'DeleteRoom'])
    service.livekit.when(name, unavailable, Number.POSITIVE_INFINITY, isLost)
  const others: string[] = []
  // LiveKit goes on naming the rooms of a dead node; these here it would close after a minute.
  const rooms = (text: string) => {
    const asked = /"names":\[([^\]]+)\]/.exec(text)?.[1]
    const named = [...lost, ...others].filter((name) => asked === undefined || asked.includes(name))
    return json('200 OK', JSON.stringify({ rooms: named.map((name) => ({ name })) }))
  }
  service.livekit.when('ListRooms', { answer: rooms }, Number.POSITIVE_INFINITY)
  const inTime = async (names: string[], what: string) => {
    const wokenAt = performance.now()
    await until(async () => (await open(service, names)) === 0, patience, what)
    t.comment(`${what}: ${Math.round((performance.now() - wokenAt) / 1000)} s`)
  }

  const first = await createMany(service, well)
  others.push(...first)
  await park(service.db)
  await wake(service, [...lost], 1)
  await wake(service, first, 0)
  await inTime(first, 'when all are due at once')

  const second = await createMany(service, well)
  others.push(...second)
  await wake(service, second, 0)
  await inTime(second, 'while those that are lost are looked at again')

  const before = service.livekit.count('DeleteRoom')
  await until(async () => (await open(service, [...lost])) === 0, 120_000, 'the lost calls are settled')
  const third = await createMany(service, well)
  others.push(...third)
  await wake(service, third, 0)
  await inTime(third, 'while the sweep deletes what is lost')
  await sleep(30_000)
  const deletions = service.livekit.count('DeleteRoom') - before
  t.ok(deletions < dead, `${deletions} deletions`)
})

t.test(
  'verdicts that cannot be carried out keep no talk waiting while LiveKit is out',
  { timeout: 300_000 },
  async (t) => {
    const service = await start(t)
    const ending = await createMany(service, 200)
    const talking = await createMany(service, 4)
    await park(service.db)
    for (const name of talking)
      for (const kind of ['agent', 'caller'] as const)
        await sendLiveKitEvent(service.request, {
          event: 'participant_joined',
          room: { name },
          participant: participant(kind, 0),
        })
    await service.livekit.set('hang')
    await sql`
    UPDATE voice_sessions SET end_reason = 'agent_left', ended_at = now()
    WHERE room_name = ANY (${ending}::text[])`.execute(service.db)
    await wake(service, ending, 1)
    await wake(service, talking, 0)
    const held = async () =>
      (await service.sessions()).filter(({ room_name, held }) => talking.includes(room_name) && held > 10)
    await until(async () => (await held()).length === talking.length, 30_000)
    t.equal(await open(service, ending), ending.length, 'no verdict is settled while its room may be there')
    await service.livekit.set('pass')
    await until(async () => (await open(service, ending)) === 0, 90_000)
  },
)

t.test('rooms that LiveKit is slow to list are looked at, and keep nobody waiting', { timeout: 300_000 }, async (t) => {
  const service = await start(t)
  const slow = new Set(await createMany(service, 60))
  const isSlow = (text: string) => slow.has(/"room":"([^"]+)"/.exec(text)?.[1] ?? '')
  service.livekit.when('ListParticipants', { delayMilliseconds: 3000 }, Number.POSITIVE_INFINITY, isSlow)
  const prompt = await createMany(service, 4)
  await park(service.db)
  await wake(service, [...slow], 1)
  await wake(service, prompt, 0)
  await until(async () => (await open(service, prompt)) === 0, 12_000)
  await until(async () => (await open(service, [...slow])) === 0, 30_000)
  for (const { end_reason } of await service.sessions()) t.equal(end_reason, 'agent_unavailable')
})
