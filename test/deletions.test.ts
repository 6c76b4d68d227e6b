// Deletions for which nobody waits: a few at once, again only after a pause, and told in one line. A call that ends just now
// does not wait for rooms that the sweep found.
import t, { type Test } from 'tap'
import { createSweep } from '../src/plugins/calls/sweep.ts'
import { sendEvent } from './events.ts'
import { buildBehindProxies, cloneDatabase, type Proxied, rooms, until } from './helper.ts'
import { query } from './processes.ts'
import { startWatched } from './watched-server.ts'

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
  await sendEvent(service.request, { event: 'room_started', room: { name: own } })
  await until(async () => deletions() - before === atOnce + 1)
  await sendEvent(service.request, { event: 'room_started', room: { name: own } })
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
  await sendEvent(service.request, { event: 'room_started', room: { name: own } })
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
  const { server, organization, body, create, proxy } = await startWatched(t, { RATE_LIMIT_PER_MINUTE: '1000' })
  const size = 60
  const names: string[] = []
  while (names.length < size) names.push((await create(organization.key, body)).json.room_name)
  const settle = `
    UPDATE voice_sessions SET status = 'ended', charged = 0, seconds_billed = 0, ended_at = now(), end_reason = 'room_missing'
    WHERE room_name = ANY ($1)`
  await query(settle, [names], await cloneDatabase())
  const release = `UPDATE organizations SET credits = credits + 10 * open_sessions, open_sessions = 0 WHERE id = $1`
  await query(release, [organization.id], await cloneDatabase())
  proxy.when(
    'DeleteRoom',
    { answer: 'HTTP/1.1 503 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}' },
    Number.POSITIVE_INFINITY,
  )
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
