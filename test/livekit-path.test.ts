// A LiveKit that is not at the root of its host: the path of LIVEKIT_URL and LIVEKIT_API_URL is kept, for every call, in the
// answer, and for whoever connects there.
import t from 'tap'
import { endCalling, joinAsCaller } from '../demo/caller.ts'
import { build, parts, rooms, until } from './helper.ts'
import { startPathProxy } from './path-proxy.ts'

const twirp = (method: string) => `/twirp/livekit.RoomService/${method}`

for (const slashes of ['', '/', '//'])
  t.test(`a call is made, looked at and ended there, with "${slashes}" at its end`, async (t) => {
    const { url, calls } = await startPathProxy(t, parts.livekitUrl, '/media/livekit')
    const service = await build(t, { LIVEKIT_URL: url + slashes }, {}, { avoidsOverload: true })
    const { status, json } = await service.create()
    t.equal(status, 200)
    t.equal(json.livekit_url, url, 'some clients would add to a slash')
    t.strictSame(await service.app.livekit.listRooms([json.room_name]), [json.room_name])
    t.strictSame(await service.app.livekit.listParticipants(json.room_name), [])
    await service.app.livekit.deleteRoom(json.room_name)
    t.strictSame(await rooms.listRooms([json.room_name]), [])
    for (const method of ['CreateRoom', 'ListRooms', 'ListParticipants', 'DeleteRoom'])
      t.ok(calls.includes(twirp(method)), method)
    t.notOk(calls.includes('elsewhere'))
  })

t.test('a caller connects with what was answered', async (t) => {
  const { url, calls } = await startPathProxy(t, parts.livekitUrl, '/livekit')
  const service = await build(t, { LIVEKIT_URL: `${url}/` }, {}, { avoidsOverload: true })
  const { json } = await service.create()
  const caller = await joinAsCaller(json)
  t.teardown(endCalling)
  const isListed = async () => (await service.app.livekit.listParticipants(json.room_name)).length === 1
  await until(isListed, 30_000)
  t.ok(calls.includes('upgrade'))
  await caller.leave()
})

t.test('a LIVEKIT_API_URL has a path of its own, and the answer has that of LIVEKIT_URL', async (t) => {
  const { url, calls } = await startPathProxy(t, parts.livekitUrl, '/api')
  const LIVEKIT_API_URL = url.replace('ws:', 'http:')
  const service = await build(
    t,
    { LIVEKIT_URL: 'wss://livekit.example/calls', LIVEKIT_API_URL },
    {},
    { avoidsOverload: true },
  )
  const { json } = await service.create()
  t.equal(json.livekit_url, 'wss://livekit.example/calls')
  t.ok(calls.includes(twirp('CreateRoom')))
})
