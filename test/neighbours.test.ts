// Neighbours: an organization that asks for a lot keeps nobody waiting but itself.
import t from 'tap'
import { generateApiKey } from '../src/api-key.ts'
import { parseRoomName } from '../src/room-name.ts'
import { type Answer, buildBehindProxies, refused, seedOrganization, until } from './helper.ts'

const holdsAtOnce = 1

t.test(
  '503, 200: while one organization’s holds are stuck another’s are served, and those in line are refused',
  async (t) => {
    const service = await buildBehindProxies(t)
    const neighbour = await seedOrganization(service.db)
    const holds = () => service.database.count('holdMinute')
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    service.database.when('holdMinute', { before: () => released }, holdsAtOnce)
    const stuck = Array.from({ length: holdsAtOnce }, () => service.create())
    await until(async () => holds() === holdsAtOnce)
    const inLine = Array.from({ length: 10 }, () => service.create())
    t.equal((await service.create(neighbour.pipelineAgent, {}, neighbour.key)).status, 200)
    t.equal(holds(), holdsAtOnce + 1, 'those in line have not asked yet')

    for (const answer of await Promise.all(inLine))
      refused(t, answer, 503, 'Service temporarily unavailable', { 'retry-after': '1' })
    release()
    for (const answer of stuck) t.equal((await answer).status, 200)
    t.equal((await service.create()).status, 200, 'and the line is open again')
    t.equal((await service.sessions()).length, holdsAtOnce + 1)
  },
)

t.test('200: who waits in line is served in turn', async (t) => {
  const service = await buildBehindProxies(t)
  const answers = await Promise.all(Array.from({ length: 20 }, () => service.create()))
  for (const { status } of answers) t.equal(status, 200)
  t.equal(new Set(answers.map(({ json }) => json.room_name)).size, 20)
})

t.test('whoever asks at the same time gets an answer of their own', async (t) => {
  const service = await buildBehindProxies(t)
  const users = Array.from({ length: 12 }, (_, number) => `user${number}`)
  const organizations = await Promise.all(users.map((userId) => seedOrganization(service.db, { userId })))
  const [first, ...others] = organizations as [(typeof organizations)[0], ...typeof organizations]
  const answers = await Promise.all(
    organizations.flatMap(({ key, pipelineAgent }, index) => [
      service.create(pipelineAgent, {}, key),
      service.create(others[index]?.pipelineAgent ?? first.pipelineAgent, {}, key),
      service.create(pipelineAgent, {}, generateApiKey()),
    ]),
  )
  for (const [index, { userId, pipelineAgent }] of organizations.entries()) {
    const [own, foreigns, nobodys] = answers.slice(3 * index) as [Answer, Answer, Answer]
    t.match(parseRoomName(own.json.room_name as string), { agentId: pipelineAgent, userId })
    t.equal(foreigns.status, 404)
    t.equal(nobodys.status, 401)
  }
  t.ok(service.database.count('findCaller') < answers.length, 'though they were asked for together')
})
