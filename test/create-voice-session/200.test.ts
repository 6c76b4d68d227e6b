// 200: the five steps succeed.
import { createHmac } from 'node:crypto'
import t from 'tap'
import { dispatchesOf } from '../dispatches.ts'
import { buildBehindProxies, livekitCalls, ownHeaders, parts, rooms, roomsOf } from '../helper.ts'

const nobody = '00000000-0000-4000-8000-000000000000'

/** The claims of a token, its signature checked. */
function verify(token: string) {
  const [header = '', payload = '', signature] = token.split('.')
  const mac = createHmac('sha256', parts.livekitApiSecret).update(`${header}.${payload}`)
  if (mac.digest('base64url') !== signature) throw new Error('the signature is wrong')
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: decode(header), claims: decode(payload) }
}

t.test('200: the answer is exactly the four documented fields, never cached', async (t) => {
  const service = await buildBehindProxies(t)
  const { status, json, headers } = await service.create()
  t.equal(status, 200)
  t.strictSame(Object.keys(json), ['room_name', 'token', 'livekit_url', 'agent_name'])
  t.equal(json.livekit_url, parts.livekitUrl)
  t.equal(json.agent_name, 'Support Agent (pipeline)')
  t.match(json.room_name, new RegExp(`^agent_${service.organization.pipelineAgent}_user123_\\d{13}$`))
  const limit = { 'x-ratelimit-limit': '300', 'x-ratelimit-remaining': '299', 'x-ratelimit-reset': '60' }
  t.strictSame(ownHeaders(t, headers), limit)
})

t.test('200: the token names the user, lasts an hour, opens this one room and grants nothing else', async (t) => {
  const service = await buildBehindProxies(t)
  const { json } = await service.create(service.organization.realtimeAgent)
  const { header, claims } = verify(json.token)
  t.equal(header.alg, 'HS256')
  t.strictSame(Object.keys(claims).sort(), ['exp', 'iss', 'nbf', 'sub', 'video'])
  t.equal(claims.iss, parts.livekitApiKey)
  t.equal(claims.sub, service.organization.userId)
  t.equal(claims.exp - claims.nbf, 3600)
  t.ok(Math.abs(claims.nbf - Date.now() / 1000) < 60, 'valid from now')
  const grants = { room: json.room_name, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: false }
  t.strictSame(claims.video, grants)

  const livekit = parts.livekitUrl.replace(/^ws/, 'http')
  const validated = await fetch(`${livekit}/rtc/validate?access_token=${json.token}`)
  t.equal(await validated.text(), 'success', 'LiveKit accepts it')
})

t.test(
  '200: one CreateRoom makes the room and dispatches the named worker, and no participant can read who pays',
  async (t) => {
    const service = await buildBehindProxies(t, { LIVEKIT_AGENT_NAME: 'worker-7' })
    const { id, userId: user_id, pipelineAgent: agent_id } = service.organization
    const { room_name } = (await service.create()).json
    const agent = { agent_id, agent_name: 'Support Agent (pipeline)', architecture: 'pipeline', agent_version: 1 }
    const call = { organization_id: id, user_id, room_name, max_call_minutes: 60 }
    const metadata = JSON.stringify({ ...agent, ...call })
    t.strictSame(livekitCalls(service.livekit), ['CreateRoom'])
    t.strictSame(JSON.parse(service.livekit.texts.join('').match(/\{"name":.*?\}\]\}/)?.[0] ?? ''), {
      name: room_name,
      emptyTimeout: 60,
      departureTimeout: 10,
      maxParticipants: 1,
      agents: [{ agentName: 'worker-7', metadata }],
    })

    const [room] = await rooms.listRooms([room_name])
    t.match(room, { emptyTimeout: 60, departureTimeout: 10, maxParticipants: 1, metadata: '' })
    t.strictSame(await dispatchesOf(room_name), [{ worker: 'worker-7', metadata }])

    t.match(await service.sessions(), [{ room_name, agent_id, user_id, status: 'active', held: 10, charged: null }])
    t.equal(await service.credits(), service.organization.openingCredits - 10, 'one minute is held')
  },
)

for (const [what, fault] of [
  ['is reset', 'reset'],
  ['loses its answer', 'reset answer'],
  ['answers 503', { answer: 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n' }],
] as const)
  t.test(`200: a CreateRoom that ${what} is repeated once, with the same name`, async (t) => {
    const service = await buildBehindProxies(t)
    service.livekit.when('CreateRoom', fault)
    const { status, json } = await service.create()
    t.equal(status, 200)
    t.strictSame(livekitCalls(service.livekit), ['CreateRoom', 'CreateRoom'])
    const [first, second] = service.livekit.texts.join('').match(/\{"name":.*?\}\]\}/g) ?? []
    t.equal(second, first)
    t.strictSame(await roomsOf(service.organization.pipelineAgent), [json.room_name], 'one room')
    t.equal((await service.sessions()).length, 1, 'one session')
  })

t.test('200: LiveKit may take more than 2 seconds, and is then asked only once', async (t) => {
  const service = await buildBehindProxies(t)
  service.livekit.when('CreateRoom', { delayMilliseconds: 2200 })
  t.equal((await service.create()).status, 200)
  t.strictSame(livekitCalls(service.livekit), ['CreateRoom'])
})

t.test('200: the agent id may be written in any letter case; the room has it as the database does', async (t) => {
  const service = await buildBehindProxies(t)
  const { status, json } = await service.create(service.organization.pipelineAgent.toUpperCase())
  t.equal(status, 200)
  t.ok(json.room_name.startsWith(`agent_${service.organization.pipelineAgent}_`))
})

t.test('200: every user id that a key may have makes a room and a token', async (t) => {
  for (const userId of ['x', `a_b.c-1_1705312800000${'Z'.repeat(107)}`]) {
    const service = await buildBehindProxies(t, {}, { userId })
    const { status, json } = await service.create()
    t.equal(status, 200)
    t.equal(json.room_name.slice(43, -14), userId)
    t.equal(verify(json.token).claims.sub, userId)
    t.strictSame(await roomsOf(service.organization.pipelineAgent), [json.room_name])
  }
})

t.test('200: what else a body holds changes nothing', async (t) => {
  const service = await buildBehindProxies(t)
  const { userId, pipelineAgent } = service.organization
  const own = `"agent_id":"${pipelineAgent}"`
  const bodies = {
    'white space around': `\r\n\t {${own}} \n`,
    'a byte order mark': `\uFEFF{${own}}`,
    'unknown fields': `{${own},"org_id":"${nobody}","credits":9,"identity":"admin","user_id":"admin","room_name":"x"}`,
    'agent_id twice': `{"agent_id":"${nobody}",${own}}`,
    'agent_id twice, a number first': `{"agent_id":1,${own}}`,
    'a poisoned prototype': `{${own},"__proto__":{"polluted":1,"agent_id":"${nobody}"}}`,
    'a poisoned prototype in disguise': `{${own},"\\u005f_proto__":{"polluted":1}}`,
    'a poisoned constructor': `{${own},"constructor":{"prototype":{"polluted":1}}}`,
    'a constructor of nothing': `{${own},"constructor":null}`,
    'a field 8,000 deep': `{${own},"x":${'['.repeat(8000)}${']'.repeat(8000)}}`,
    'a poisoned field 2,000 deep': `{${own},"x":${'{"a":'.repeat(2000)}{"__proto__":1}${'}'.repeat(2000)}}`,
    'as much as 16 KiB': `{${own}}`.padEnd(16 * 1024),
  }
  for (const [what, body] of Object.entries(bodies)) {
    const { status, json } = await service.post(body)
    t.equal(status, 200, what)
    t.equal(verify(json.token).claims.sub, userId)
  }
  t.equal(({} as { polluted?: number }).polluted, undefined)
  t.equal((await roomsOf(pipelineAgent)).length, Object.keys(bodies).length)
})

t.test('200: JSON may be declared in any letter case and with a charset', async (t) => {
  const service = await buildBehindProxies(t)
  for (const type of ['APPLICATION/JSON', 'application/json; charset=utf-8', 'Application/Json;Charset="UTF-8"'])
    t.equal((await service.create(undefined, { 'content-type': type })).status, 200, type)
})
