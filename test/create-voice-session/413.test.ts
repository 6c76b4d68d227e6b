// 413: the body is over 16 KiB.
import t from 'tap'
import { buildBehindProxies, exchange, leftNothing, rawCreate, refused } from '../helper.ts'

const limitBytes = 16 * 1024

t.test('413: one byte over 16 KiB is too large, declared or chunked', async (t) => {
  const service = await buildBehindProxies(t)
  const body = JSON.stringify({ agent_id: service.organization.pipelineAgent }).padEnd(limitBytes + 1)
  refused(t, await service.post(body), 413, 'Request body too large')
  const chunked = new ReadableStream({
    start(controller) {
      for (const half of [body.slice(0, 9000), body.slice(9000)]) controller.enqueue(Buffer.from(half))
      controller.close()
    },
  })
  refused(t, await service.post(chunked), 413, 'Request body too large')
  await leftNothing(t, service)
})

t.test('413: what is declared too large is not waited for, and what has no end is not read to it', async (t) => {
  const service = await buildBehindProxies(t)
  const { key } = service.organization
  const declared = rawCreate(key, '', [`Content-Length: ${limitBytes + 1}`, 'Connection: close'])
  const endless = rawCreate(key, `ffff\r\n${' '.repeat(0xffff)}\r\n`, [
    'Transfer-Encoding: chunked',
    'Connection: close',
  ])
  for (const bytes of [declared, endless])
    t.match(await exchange(service.port, bytes), /^HTTP\/1.1 413 .*\{"detail":"Request body too large"\}$/s)
  await leftNothing(t, service)
})
