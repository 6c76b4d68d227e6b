// What runs with nobody to catch its errors: timers, and listeners of emitters. Each is listed here with what becomes of an
// error in it. Whatever else is thrown there, by a library, is caught in stop.ts.
import t from 'tap'
import { sources } from './sources.ts'

const listed: Record<string, string> = {
  'stop.ts setTimeout': 'it ends the process',
  'stop.ts on signal': 'whatever fails, the process ends',
  'stop.ts on uncaughtException': 'here all others end up',
  'stdout.ts on error': 'does nothing: the reader of the log has gone',
  'stdout.ts on drain': 'writes, which fails by the event above',
  'repositories/batched.ts setTimeout': 'resolves a promise',
  'repositories/batched.ts setImmediate': 'DataLoader hands errors to those who asked',
  'repositories/database.ts on connect': 'remembers the connection, and listens to it',
  'admin.ts on error': 'ends the command line, which nobody reads any more',
  'repositories/database.ts on error': 'logs',
  'plugins/calls/failures.ts setTimeout': 'logs',
  'plugins/calls/lanes.ts setTimeout': 'rejects the promise of who waits',
  'plugins/calls/reaper.ts setTimeout': 'hands a session back; a failure is logged',
  'plugins/deliveries/post.ts on error': 'does nothing: the answer is known, or the attempt has failed already',
  'plugins/deliveries/post.ts setInterval':
    'ends the attempt, which fails by that, where more comes than any answer needs',
  'plugins/deliveries/send.ts setTimeout': 'ends the attempt, which fails by that',
  'plugins/http/answers.ts on checkExpectation': 'the request goes to Fastify, which answers 500',
  'plugins/http/answers.ts on connect': 'as above; where Node has no place for an answer, the connection is closed',
  'plugins/http/answers.ts on error': 'does nothing: the connection closes by itself',
  'plugins/http/answers.ts on finish': 'closes the connection',
  'plugins/http/connections.ts on error': 'logs',
  'plugins/http/json-body.ts on event': 'resolves a promise',
  'door.ts on error': 'does nothing: the connection closes by itself',
  'door.ts on close': 'forgets the connection',
  'door.ts once readable': 'the connection goes to Node, whose errors are answered by answerClientError',
  'door.ts on connection': 'as above',
  'plugins/http/addresses.ts on error': 'logs',
  'plugins/http/pressure.ts setInterval': 'reads and writes a number',
  'plugins/livekit/route.ts on timeout': 'fails the call',
  'plugins/livekit/route.ts on error': 'fails the call',
  'plugins/livekit/route.ts on connect': 'hands the connection to undici, or fails the call',
  'plugins/livekit/transport.ts setTimeout': 'fails the call',
  'plugins/metrics/endpoint.ts once error': 'keeps the service from starting',
  'plugins/metrics/endpoint.ts on error': 'logs',
  'stdout.ts setTimeout': 'writes what it can, and keeps or drops the rest',
}

const constructs = /(?<![.\w])(setTimeout|setInterval|setImmediate)\(|\.(on|once)\('?(\w+)'?,/g

t.test('each timer and each listener is listed, and nothing else is', async (t) => {
  const found = sources.flatMap(({ name, text }) => {
    const code = text.replaceAll(/^import .*$/gm, '')
    return [...code.matchAll(constructs)].map(([, timer, how, event]) => `${name} ${timer ?? `${how} ${event}`}`)
  })
  t.strictSame([...new Set(found)].sort(), Object.keys(listed).sort())
})
