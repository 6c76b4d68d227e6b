// 400: the metadata or the user_identifier is not what it must be. A field that is null counts as absent.
import t from 'tap'
import { buildBehindProxies, leftNothing, livekitCalls, refused } from '../helper.ts'

const metadataSentence = 'metadata must be an object of at most 50 texts of at most 500 characters, 8 KiB in all'
const identifierSentence = 'user_identifier must be 1 to 256 characters'

const texts = (count: number, text: string) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, text])))

const badMetadata: Record<string, string> = {
  'a text': '"Ana"',
  'a number': '1',
  'a boolean': 'true',
  'a list': '["Ana"]',
  'an empty list': '[]',
  'a number as value': '{"order":427}',
  'null as value': '{"order":null}',
  'a list as value': '{"order":["427"]}',
  'an object as value': '{"order":{"id":"427"}}',
  '51 texts': texts(51, 'a'),
  'a text of 501 characters': `{"a":"${'a'.repeat(501)}"}`,
  'a text of 501 characters outside the BMP': `{"a":"${'😀'.repeat(501)}"}`,
  '8,193 bytes': texts(17, 'a'.repeat(500)).slice(0, 8191).concat('"}'),
  'an empty name': '{"":"a"}',
  'a name of 41 characters': `{"${'a'.repeat(41)}":"a"}`,
  'a name with a blank': '{"a b":"a"}',
  'a name with an accent': '{"á":"a"}',
  'a name with a line end': '{"a\\n":"a"}',
  'U+0000': '{"a":"\\u0000"}',
  'a high surrogate alone': '{"a":"\\ud83d"}',
  'a low surrogate alone': '{"a":"\\ude00 \\ud83d"}',
  'a constructor of another kind': '{"constructor":{}}',
}

const badIdentifiers: Record<string, string> = {
  empty: '""',
  'a number': '427',
  'a boolean': 'false',
  'a list': '["a"]',
  'an object': '{}',
  '257 characters': JSON.stringify('a'.repeat(257)),
  'U+0000': '"a\\u0000"',
  'a line end': '"a\\n"',
  'a control character of Latin-1': '"\\u0085"',
  delete: '"\\u007f"',
  'a surrogate alone': '"\\ud83d"',
}

t.test('400: what is no metadata, or no identifier, is refused, and nothing is held', async (t) => {
  const service = await buildBehindProxies(t)
  const own = `"agent_id":"${service.organization.pipelineAgent}"`
  for (const [what, metadata] of Object.entries(badMetadata))
    await t.test(`400: metadata ${what}`, async (t) =>
      refused(t, await service.post(`{${own},"metadata":${metadata}}`), 400, metadataSentence),
    )
  for (const [what, identifier] of Object.entries(badIdentifiers))
    await t.test(`400: user_identifier ${what}`, async (t) =>
      refused(t, await service.post(`{${own},"user_identifier":${identifier}}`), 400, identifierSentence),
    )
  await leftNothing(t, service)
  t.strictSame(livekitCalls(service.livekit), [], 'LiveKit was never called')
})

t.test('400: of several faults in one request the first in this order is answered', async (t) => {
  const service = await buildBehindProxies(t)
  const bad = { 'idempotency-key': '' }
  const [agent, metadata, identifier] = ['"agent_id":null', '"metadata":{"a b":"c"}', '"user_identifier":1']
  const foreign = '"agent_id":"00000000-0000-4000-8000-000000000000"'
  for (const [fields, detail] of [
    [[identifier, metadata, agent], 'Agent ID is required'],
    [[identifier, metadata], 'Agent ID is required'],
    [[identifier, metadata, foreign], metadataSentence],
    [[identifier, '"metadata":[]', foreign], metadataSentence],
    [[identifier, foreign], identifierSentence],
    [[foreign], 'Idempotency-Key must be 1 to 255 visible ASCII characters'],
  ] as const)
    refused(t, await service.post(`{${fields}}`, bad), 400, detail)
  await leftNothing(t, service)
})

t.test('200: null, an empty object and nothing are the same, and so are the bounds good', async (t) => {
  const service = await buildBehindProxies(t)
  const own = `"agent_id":"${service.organization.pipelineAgent}"`
  for (const fields of [
    '"metadata":null,"user_identifier":null,"x":null',
    '"metadata":{}',
    '"metadata":{"__proto__":"a"}',
  ]) {
    const { status, json } = await service.post(`{${own},${fields}}`)
    t.equal(status, 200, fields)
    const session = (await service.get(`/v1/chat/voice-sessions/${json.room_name}`)).json
    t.notOk('metadata' in session, fields)
    t.notOk('user_identifier' in session, fields)
  }
  for (const [metadata, user_identifier] of [
    [{ ['a'.repeat(40)]: '😀'.repeat(500), 'A_b.c-1': '', constructor: 'a', toString: '\u007f' }, ' '],
    [JSON.parse(texts(50, 'a\n"')), '😀'.repeat(256)],
    [JSON.parse(texts(17, 'a'.repeat(500)).slice(0, 8190).concat('"}')), 'a'],
  ]) {
    const answer = await service.post(
      `{${own},"metadata":${JSON.stringify(metadata)},"user_identifier":"${user_identifier}"}`,
    )
    t.equal(answer.status, 200, answer.text)
    const session = (await service.get(`/v1/chat/voice-sessions/${answer.json.room_name}`)).json
    t.strictSame({ ...session.metadata }, { ...metadata })
    t.equal(session.user_identifier, user_identifier)
  }
})
