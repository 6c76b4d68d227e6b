// 500: LiveKit cannot make the room, and the credits are back before the answer is; or the service has a bug.
import t from 'tap'
import { buildBehindProxies, leftNothing, livekitCalls, type Proxied, refused, roomsOf, run, until } from '../helper.ts'

const livekitFailed = 'Failed to create voice session: LiveKit connection failed'
const http = (status: string, body: string, type = 'application/json') =>
  `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
const always = (answer: string | ((sent: string) => string)) => (service: Proxied) =>
  service.livekit.when('CreateRoom', { answer }, Number.POSITIVE_INFINITY)
const nameIn = (sent: string) => /"name":"(.*?)"/.exec(sent)?.[1]

interface Fault {
  inject?: (service: Proxied) => unknown
  environment?: Record<string, string>
  /** CreateRoom calls that reach LiveKit's address, where that can be seen. */
  tries?: number
}

const faults: Record<string, Fault> = {
  'refuses connections': { inject: ({ livekit }) => livekit.set('refuse') },
  'resets connections': { inject: ({ livekit }) => livekit.set('reset'), tries: 2 },
  'closes connections': { inject: ({ livekit }) => livekit.set('close'), tries: 2 },
  'never answers': { inject: ({ livekit }) => livekit.set('hang'), tries: 1 },
  'would answer, but only after more than 4 seconds': {
    inject: ({ livekit }) => livekit.when('CreateRoom', { delayMilliseconds: 6000 }),
    tries: 1,
  },
  'makes the room but never says so': {
    inject: ({ livekit }) => livekit.when('CreateRoom', 'lose answer'),
    tries: 1,
  },
  'makes the room and loses its answer, twice': {
    inject: ({ livekit }) => livekit.when('CreateRoom', 'reset answer', 2),
    tries: 2,
  },
  'has no such name': { environment: { LIVEKIT_API_URL: 'http://livekit.invalid:7880' } },
  'knows another secret': { environment: { LIVEKIT_API_SECRET: 'x'.repeat(36) }, tries: 2 },
  'knows no such key': { environment: { LIVEKIT_API_KEY: 'nobody' }, tries: 2 },
  'answers 404 with HTML': { inject: always(http('404 Not Found', '<p>secret</p>', 'text/html')), tries: 2 },
  'answers 500': { inject: always(http('500 Oops', '{"code":"internal","msg":"secret"}')), tries: 2 },
  'answers 503': { inject: always(http('503 Gone', '')), tries: 2 },
  'answers 200 with HTML': { inject: always(http('200 OK', '<p>secret</p>', 'text/html')), tries: 2 },
  'answers 200 with {}': { inject: always(http('200 OK', '{}')), tries: 2 },
  'answers 200 with another room': { inject: always(http('200 OK', '{"name":"x","sid":"RM_x"}')), tries: 2 },
  'answers 200 with a room without sid': {
    inject: always((sent) => http('200 OK', `{"name":"${nameIn(sent)}"}`)),
    tries: 2,
  },
  'answers 200 with a sid that is none': {
    inject: always((sent) => http('200 OK', `{"name":"${nameIn(sent)}","sid":"RM_\\u0000"}`)),
    tries: 2,
  },
  'answers less than it announced': { inject: always(http('200 OK', '{}').replace(': 2', ': 200')), tries: 2 },
  'switches protocols': {
    inject: always('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'),
    tries: 2,
  },
  'answers what is no HTTP': { inject: always('secret\r\n\r\n'), tries: 2 },
}

t.test('500: LiveKit fails, the credits are back and the room is gone or never was', async (t) => {
  t.jobs = 3
  for (const [what, { inject, environment, tries }] of Object.entries(faults))
    t.test(`500: LiveKit ${what}`, { buffered: true }, async (t) => {
      const service = await buildBehindProxies(t, environment)
      await inject?.(service)
      refused(t, await service.create(), 500, livekitFailed)
      t.equal(await service.credits(), service.organization.openingCredits, 'credits are back')
      t.match(await service.sessions(), [
        { status: 'ended', end_reason: 'create_failed', charged: 0, seconds_billed: 0 },
      ])
      const creates = livekitCalls(service.livekit).filter((call) => call === 'CreateRoom')
      if (tries) t.equal(creates.length, tries, 'what fails within 2 s is repeated, once')
      await until(async () => (await roomsOf(service.organization.pipelineAgent)).length === 0)
      await service.livekit.set('pass')
    })
})

t.test('500: a room that was made in spite of all is deleted, though nobody waits for it', async (t) => {
  const service = await buildBehindProxies(t)
  service.livekit.when('CreateRoom', 'reset answer', 2)
  const { pipelineAgent } = service.organization
  let made: string[] = []
  const look = async () => {
    made = await roomsOf(pipelineAgent)
  }
  service.livekit.when('DeleteRoom', { before: look })
  refused(t, await service.create(), 500, livekitFailed)
  await until(async () => made.length > 0 && (await roomsOf(pipelineAgent)).length === 0)
  t.equal(made.length, 1)
})

t.test('500: a failed session that a later attempt has taken over is left to it', async (t) => {
  const service = await buildBehindProxies(t)
  const takeOver = () => service.db.updateTable('voice_sessions').set({ attempt: 2 }).execute()
  await service.livekit.set('reset')
  service.database.when('settle', { before: takeOver })
  refused(t, await service.create(), 500, livekitFailed)
  t.match(await service.sessions(), [{ status: 'creating', held: 10, charged: null }])
  await service.livekit.set('pass')
  t.equal((await service.create()).status, 200)
  t.strictSame(livekitCalls(service.livekit), ['CreateRoom', 'CreateRoom', 'CreateRoom'], 'nothing was deleted')
})

const bugs: Record<string, { break: string; mend: string; sessions: object[] }> = {
  'at the key': {
    break: 'ALTER TABLE api_keys RENAME user_id TO secret',
    mend: 'ALTER TABLE api_keys RENAME secret TO user_id',
    sessions: [],
  },
  'at the agent': {
    break: 'ALTER TABLE agents RENAME architecture TO secret',
    mend: 'ALTER TABLE agents RENAME secret TO architecture',
    sessions: [],
  },
  'at the hold': {
    break: 'ALTER TABLE voice_sessions RENAME wake_at TO secret',
    mend: 'ALTER TABLE voice_sessions RENAME secret TO wake_at',
    sessions: [],
  },
  'after the room was made': {
    break: 'ALTER TABLE voice_sessions RENAME room_sid TO secret',
    mend: 'ALTER TABLE voice_sessions RENAME secret TO room_sid',
    sessions: [{ status: 'creating', charged: null }],
  },
  'in the answer, which the document does not allow': {
    break: "ALTER TABLE agents DROP CONSTRAINT agents_name_check; UPDATE agents SET name = ''",
    mend: "UPDATE agents SET name = 'A'; ALTER TABLE agents ADD CONSTRAINT agents_name_check CHECK (name ~ '\\S')",
    sessions: [{ status: 'active', charged: null }],
  },
}

for (const [what, bug] of Object.entries(bugs))
  t.test(`500: a bug ${what} tells nothing of itself`, async (t) => {
    const service = await buildBehindProxies(t)
    await run(service.db, bug.break)
    const answer = await service.create()
    await run(service.db, bug.mend)
    refused(t, answer, 500, 'Internal server error')
    t.match(await service.sessions(), bug.sessions)
    if (bug.sessions.length === 0) {
      await leftNothing(t, service)
      t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
    }
    t.equal((await service.create()).status, 200, 'and the next request is served')
  })
