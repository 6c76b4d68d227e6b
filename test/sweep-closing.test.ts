// The sweep of a service that closes ends at its next step: each step may take long.
import t from 'tap'
import { createSweep } from '../src/plugins/calls/sweep.ts'
import { buildBehindProxies, rooms } from './helper.ts'
import { park } from './park.ts'

t.test('after the rooms were listed nothing more is asked', async (t) => {
  const service = await buildBehindProxies(t)
  const sweep = createSweep(service.app)
  await sweep()
  let closed: Promise<unknown> | undefined
  service.livekit.when('ListRooms', {
    before: () => {
      closed = service.app.close()
    },
  })
  const before = service.database.count('findRooms')
  await sweep()
  t.equal(service.database.count('findRooms'), before)
  await closed
})

t.test('the settlement under way is the last', async (t) => {
  const service = await buildBehindProxies(t)
  const names: string[] = []
  for (let i = 0; i < 2; i++) names.push((await service.create()).json.room_name)
  await park(service.db)
  for (const name of names) await rooms.deleteRoom(name)
  const sweep = createSweep(service.app)
  await sweep()
  let closed: Promise<unknown> | undefined
  service.database.when('settle', {
    before: () => {
      closed = service.app.close()
    },
  })
  await sweep()
  await closed
  const statuses = (await service.sessions()).map(({ status }) => status)
  t.strictSame(statuses.sort(), ['active', 'ended'])
})
