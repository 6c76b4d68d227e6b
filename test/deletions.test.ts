// Deletions for which nobody waits: a few at once, again only after a pause, and told in one line. A call that ends just now
// does not wait for rooms that the sweep found.
import t, { type Test } from 'tap'
import { createSweep } from '../src/plugins/calls/sweep.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { settle } from '../src/repositories/ledger.ts'
import {
  buildBehindProxies,
  deleteRooms,
  environment,
  type Proxied,
  parts,
  read,
  rooms,
  seedOrganization,
  through,
  until,
} from './helper.ts'
import { sendLiveKitEvent } from './livekit-events.ts'
import { createDatabaseFrom, startServer } from './processes.ts'

const atOnce = 8

/** A service whose sessions have ended, but whose rooms are there. */
async function withEnded(t: Test, size: number) {
  const service = await buildBehindProxies(t, { RATE_LIMIT_PER_MINUTE: '1000' })
  const names: string[] = []
  while (names.length < size) names.push((await service.create()).json.room_name)
  for (const name of names)
    await service.request(`/v1/chat/voice-sessions/${name}`, { method: 'DELETE', headers: service.authorized })
  await Promise.all(names.map((name) => rooms.createRoom({ name, emptyTimeout: 600 })))
  return { service, names }
}

const left = async (names: string[]) => (await rooms.listRooms(names)).length

/** From now on each DeleteRoom waits until `release`, then fails or goes on. */
function block({ livekit }: Proxied, next?: 'reset') {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const fault = { before: () => released, ...(next && { next }) }
  livekit.when('DeleteRoom', fault, Number.POSITIVE_INFINITY)
  return () => release()
}

t.test('the sweep’s rooms are deleted a few at once, and the room of a call that ends now beside them', async (t) => {
  const { service, names } = await withEnded(t, 3 * atOnce)
  const [own] = names as [string]
  const deletions = () => service.livekit.count('DeleteRoom')
  const before = deletions()
  const release = block(service)
  const sweep = createSweep(service.app)
  await sweep()
  await until(async () => deletions() - before === atOnce)
  await sweep()
  await sendLiveKitEvent(service.request, { event: 'room_started', room: { name: own } })
  await until(async () => deletions() - before === atOnce + 1)
  await sendLiveKitEvent(service.request, { event: 'room_started', room: { name: own } })
  t.equal(deletions() - before, atOnce + 1, 'each once')
  release()
  await until(async () => (await left(names)) === 0)
  t.ok(deletions() - before <= names.length + 1)
})

t.test('a room that could not be deleted is left in peace, unless LiveKit names it', async (t) => {
  const { service, names } = await withEnded(t, 3)
  const [own] = names as [string]
  const deletions = () => service.livekit.count('DeleteRoom')
  const outcomes = async () => {
    const { values } = await service.app.metrics.roomDeletions.get()
    return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]))
  }
  const actions = async () => {
    const { values } = await service.app.metrics.sweepActions.get()
    return values.find(({ labels }) => labels.action === 'room_deleted')?.value
  }
  const before = deletions()
  block(service, 'reset')()
  const sweep = createSweep(service.app)
  await sweep()
  await until(async () => (await outcomes()).failed === names.length)
  const tried = deletions() - before
  await sweep()
  t.equal(await actions(), names.length, 'the second sweep leaves them alone')
  await sendLiveKitEvent(service.request, { event: 'room_started', room: { name: own } })
  await until(async () => (await outcomes()).failed === names.length + 1)
  t.ok(deletions() - before > tried)

  await rooms.deleteRoom(own)
  await sweep()
  await rooms.createRoom({ name: own, emptyTimeout: 600 })
  await sweep()
  await until(async () => (await outcomes()).failed === names.length + 2, 15_000, 'a room that was gone is a new one')
})

t.test('a service that closes deletes no more rooms', async (t) => {
  const { service, names } = await withEnded(t, 2 * atOnce)
  const deletions = () => service.livekit.count('DeleteRoom')
  const before = deletions()
  const release = block(service, 'reset')
  await createSweep(service.app)()
  await until(async () => deletions() - before === atOnce)
  await service.app.close()
  release()
  await until(async () => (await service.app.metrics.roomDeletions.get()).values.some(({ value }) => value === atOnce))
  t.equal(await left(names), names.length)
})

t.test('what fails for many rooms at once is one line of log', { timeout: 180_000 }, async (t) => {
  // Of its own: another service on the same database would delete the rooms first.
  const DATABASE_URL = await createDatabaseFrom(t, 'template')
  const { proxy, url: LIVEKIT_API_URL } = await through(t, parts.livekitUrl)
  const server = await startServer(t, await environment({ DATABASE_URL, LIVEKIT_API_URL, LOG_LEVEL: 'info' }))
  const db = createDatabase(DATABASE_URL)
  const { key, pipelineAgent } = await seedOrganization(db)
  const headers = { 'x-api-key': key, 'content-type': 'application/json' }
  const body = JSON.stringify({ agent_id: pipelineAgent })
  const names: string[] = []
  while (names.length < 60) {
    const answer = await read(await fetch(`${server.url}/v1/chat/voice-sessions`, { method: 'POST', headers, body }))
    names.push(answer.json.room_name)
  }
  t.teardown(() => deleteRooms(names))
  for (const name of names) await settle(db, name, { end_reason: 'room_missing', until: 'unknown' })
  await db.destroy()
  const text = '{"code":"unavailable"}'
  const head = `HTTP/1.1 503 No\r\nContent-Type: application/json\r\nContent-Length: ${text.length}`
  proxy.when('DeleteRoom', { answer: `${head}\r\nConnection: close\r\n\r\n${text}` }, Number.POSITIVE_INFINITY)
  const lines = () =>
    server
      .stdout()
      .split('\n')
      .filter((line) => line.includes('rooms not deleted'))
  await until(async () => lines().length > 0, 60_000)
  const told = lines().map((line) => JSON.parse(line))
  t.match(told[0], { level: 40, count: Number, room_names: [String, String, String] })
  t.equal(told[0].room_names.length, 3)
  t.ok(told[0].count > 3, `${told[0].count} in one line`)
  t.ok(lines().length <= 2)
})
