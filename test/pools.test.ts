// Pools by intent: whoever fills one of them keeps nobody waiting on another.
import t from 'tap'
import { freeTcpPort } from '../demo/ports.ts'
import { pools, queries } from '../src/repositories/pools.ts'
import { buildBehindProxies, until } from './helper.ts'

t.test('while every connection of the requests is busy gauges are read, sessions go on and are settled', async (t) => {
  const METRICS_PORT = String(await freeTcpPort())
  const service = await buildBehindProxies(t, { METRICS_PORT })
  const { json } = await service.create()
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const lookups = () => service.database.count('findCaller')
  const before = lookups()
  service.database.when('findCaller', { before: () => released }, pools.request.max)
  const stuck: Promise<unknown>[] = []
  // Each after the one before has been sent, or they would be asked together.
  while (stuck.length < pools.request.max) {
    stuck.push(service.create())
    await until(async () => lookups() - before === stuck.length)
  }
  const metrics = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text()
  t.match(metrics, /^sessions_past_wake 0$/m)
  await service.app.calls.end({ room_name: json.room_name, organization_id: service.organization.id }, 'ended_by_api')
  t.match(await service.sessions(), [{ room_name: json.room_name, status: 'ended' }])
  release()
  await Promise.all(stuck)
})

t.test('each function asks on one pool only', async (t) => {
  const names = Object.values(queries).flatMap((functions) => Object.keys(functions))
  t.strictSame(names.sort(), [...new Set(names)].sort())
})
