// The sweep does not believe a LiveKit that has lost most of its rooms at once. In a file of its own: every sweep of a
// database sees all of its sessions.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { build, rooms } from './helper.ts'
import { keepParked } from './park.ts'

/** Three sweeps at least; two settle a session whose room is absent. */
const threeSweepsMilliseconds = 75_000

t.test('more than half of 20 rooms absent at once is not believed', { timeout: 300_000 }, async (t) => {
  const service = await build(t)
  const names = await Promise.all(Array.from({ length: 20 }, async () => (await service.create()).json.room_name))
  await keepParked(t, service.db)
  await Promise.all(names.slice(0, 11).map((name) => rooms.deleteRoom(name)))
  await sleep(threeSweepsMilliseconds)
  t.equal((await service.sessions()).filter(({ status }) => status === 'active').length, 20)
  t.equal(await service.credits(), service.organization.openingCredits - 200)
})
