// A body in chunks is the body that it is in one piece, however it is cut, and whatever its type.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { build, type Service } from './helper.ts'
import { seconds, signed } from './livekit-events.ts'
import { head, openWire } from './wire.ts'
import { withSession } from './with-session.ts'

const sessions = '/v1/chat/voice-sessions'
const livekitEvents = '/webhooks/livekit'
const pauseMilliseconds = 20
const chunk = (part: string) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`

/** The text in so many parts. */
function cut(text: string, count: number): string[] {
  const length = Math.ceil(text.length / count)
  return Array.from({ length: count }, (_, at) => text.slice(at * length, (at + 1) * length)).filter((part) => part)
}

/** The head, the chunks and the end, each as often as it is told sent on its own, or all at once. */
async function send(
  t: Test,
  { port }: Service,
  path: string,
  headers: Record<string, string>,
  parts: string[],
  isSlow: boolean,
) {
  const wire = await openWire(t, port)
  const pieces = [head('POST', path, { ...headers, 'Transfer-Encoding': 'chunked' }), ...parts.map(chunk), '0\r\n\r\n']
  for (const piece of isSlow ? pieces : [pieces.join('')]) {
    wire.send(piece)
    if (isSlow) await sleep(pauseMilliseconds)
  }
  return wire.answer()
}

for (const isSlow of [false, true]) {
  const pace = isSlow ? 'one by one' : 'at once'

  t.test(`200: one of LiveKit’s events in one, two and many chunks, sent ${pace}`, async (t) => {
    const { service, name } = await withSession(t)
    const body = JSON.stringify({ event: 'track_published', room: { name }, createdAt: seconds(0) })
    for (const type of ['application/webhook+json', 'application/json', 'text/plain'])
      for (const count of [1, 2, 17]) {
        const headers = { 'Content-Type': type, Authorization: await signed(body) }
        const { status, body: text } = await send(t, service, livekitEvents, headers, cut(body, count), isSlow)
        t.match({ status, text }, { status: 200, text: '{"status":"received"}' }, `${type}, ${count}`)
      }
    const headers = { 'Content-Type': 'application/webhook+json', Authorization: await signed(body) }
    const { status } = await send(t, service, livekitEvents, headers, cut(`${body} `, 2), isSlow)
    t.equal(status, 401, 'and one that was not signed like this is refused')
  })

  t.test(`a create in one, two and many chunks, sent ${pace}: 200, and 415 where it is a text`, async (t) => {
    const service = await build(t)
    const body = JSON.stringify({ agent_id: service.organization.pipelineAgent })
    const statuses = { 'application/json': 200, 'text/plain': 415, 'application/webhook+json': 415 }
    for (const [type, status] of Object.entries(statuses))
      for (const count of [1, 2, 17]) {
        const headers = { 'X-API-Key': service.organization.key, 'Content-Type': type }
        const answer = await send(t, service, sessions, headers, cut(body, count), isSlow)
        t.equal(answer.status, status, `${type}, ${count}`)
      }
  })
}

t.test('413: one of LiveKit’s events over 256 KiB in chunks', async (t) => {
  const service = await build(t)
  const body = 'x'.repeat(300_000)
  const headers = { 'Content-Type': 'application/webhook+json', Authorization: await signed(body) }
  t.equal((await send(t, service, livekitEvents, headers, cut(body, 5), false)).status, 413)
})
