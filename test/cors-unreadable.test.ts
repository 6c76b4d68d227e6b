// CORS where a request cannot be read: its origin is not known, so none is named.
import t from 'tap'
import { build } from './helper.ts'
import { exchange, head } from './wire.ts'

const path = '/v1/chat/voice-sessions'
const listed = 'https://app.example'
const origins = { CORS_ORIGINS: listed }

t.test('where a request cannot be read, Vary tells all the same that the origin matters, if CORS is on', async (t) => {
  const unreadable = {
    400: `nonsense\r\n\r\n`,
    431: head('POST', path, { Origin: listed, 'X-Large': 'x'.repeat(20_000) }),
  }
  for (const [changes, vary] of [
    [origins, 'Origin'],
    [{}, undefined],
  ] as const) {
    const { port } = await build(t, changes)
    for (const [status, bytes] of Object.entries(unreadable)) {
      const answer = await exchange(t, port, bytes)
      t.equal(String(answer.status), status)
      t.equal(answer.headers.vary, vary, status)
      t.notOk('access-control-allow-origin' in answer.headers)
    }
  }
})
