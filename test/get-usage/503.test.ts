// getUsage, 503: one question of an organization at a time, on connections that nothing else needs.
import t from 'tap'
import { buildBehindProxies, refused, seedOrganization, until } from '../helper.ts'

const path = '/v1/usage?from=2024-01-01&to=2024-02-01'

t.test('503: while another is added up for longer than one waits; everything else goes on', async (t) => {
  const service = await buildBehindProxies(t)
  const stranger = await seedOrganization(service.db)
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  service.database.when('sumUsage', { before: () => released }, 1)
  const first = service.get(path)
  await until(async () => service.database.count('sumUsage') === 1)
  const second = service.get(path)
  t.equal((await service.get(path, stranger.key)).status, 200, 'another organization’s usage')
  t.equal((await service.get('/v1/chat/voice-sessions')).status, 200, 'a list')
  t.equal((await service.create()).status, 200, 'a create')
  refused(t, await second, 503, 'Service temporarily unavailable', { 'retry-after': '1' })
  release()
  t.equal((await first).status, 200)
})
