// Who gives way when there are as many connections as there may be.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createDoor } from '../src/door.ts'
import { head, openWire } from './wire.ts'

const request = head('GET', '/')

/** A server that has room for four connections, all of which were answered and are kept alive. */
async function fullHouse(t: Test) {
  const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => response.end('yes'))
  const { sockets } = createDoor(server, () => false, 4)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  const come = async () => {
    const came = once(server, 'connection')
    const wire = await openWire(t, port)
    await came
    return wire
  }
  const guests = []
  for (let guest = 0; guest < 4; guest++) {
    const wire = await come()
    wire.send(request)
    t.equal((await wire.answer()).status, 200)
    guests.push(wire)
  }
  const [oldest, second] = guests
  if (!oldest || !second) throw new Error('there are four')
  return { come, oldest, second, sockets }
}

t.test(
  'who has just come keeps its place until it could speak: the oldest that waits for its next request gives way',
  async (t) => {
    const { come, oldest, second, sockets } = await fullHouse(t)
    const first = await come()
    const other = await come()
    t.equal(await oldest.closed(), '')
    t.equal(await second.closed(), '')
    for (const wire of [first, other]) {
      wire.send(request)
      t.equal((await wire.answer()).status, 200)
    }
    t.equal(sockets.size, 4)
  },
)

t.test('who has said nothing for a second gives way before those that have spoken', async (t) => {
  const { come, oldest, second } = await fullHouse(t)
  const silent = await come()
  t.equal(await oldest.closed(), '')
  await setTimeout(1500)
  const newcomer = await come()
  t.equal(await silent.closed(), '')
  for (const wire of [second, newcomer]) {
    wire.send(request)
    t.equal((await wire.answer()).status, 200)
  }
})
