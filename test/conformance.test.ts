// Conformance: thousands of generated requests, valid and invalid, ten at a time, over all operations. Whatever is sent, the
// answer is one that the document declares, to the schema, and never a 500.
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import fc from 'fast-check'
import t from 'tap'
import { revokeApiKey } from '../src/repositories/api-keys.ts'
import { codeOf, type Json, operations } from './document.ts'
import { type Answer, buildBehindProxies, seedOrganization } from './helper.ts'
import { anyRequest, type GeneratedRequest } from './requests.ts'

t.setTimeout(600_000)

const requests = 5000
const atOnce = 10
const unlimited = { RATE_LIMIT_PER_MINUTE: '1000000', TRUST_PROXY: 'true' }

const ajv = ajvFormats.default(new Ajv2020({ strict: false }))
const documented = new Map(
  operations.flatMap(({ id, operation }) =>
    Object.entries<{ content: { 'application/json': { schema: object } } }>(operation.responses).map(
      ([status, { content }]) => [`${id} ${status}`, ajv.compile(content['application/json'].schema)],
    ),
  ),
)

/** What the document has against an answer; undefined where it is as documented. */
function objection({ id }: GeneratedRequest, { status, headers, json, text }: Answer): string | undefined {
  const validate = documented.get(`${id} ${status}`)
  if (status === 500 || !validate) return `${id} answered ${status} ${text}`
  if (!validate(json)) return `${id} ${status}: ${ajv.errorsText(validate.errors)}: ${text}`
  if (status !== 200 && typeof (json as Json).detail !== 'string') return `${id} ${status}: no detail: ${text}`
  const code = status === 200 ? undefined : codeOf((json as Json).detail)
  if (headers.get('x-error-code') !== (code ?? null)) return `${id} ${status}: not ${code}: ${text}`
  if (!headers.has('x-request-id')) return `${id} ${status}: no X-Request-Id`
}

t.test('every answer is documented', async (t) => {
  const service = await buildBehindProxies(t, unlimited, { credits: 1_000_000, maxSessions: 8 })
  const rich = service.organization
  const poor = await seedOrganization(service.db, { credits: 0 })
  const revoked = await seedOrganization(service.db)
  await revokeApiKey(service.db, revoked.keyId)
  const names: Record<string, string[]> = {
    key: [rich.key, rich.key, rich.key, rich.key, rich.key, rich.key, rich.key, poor.key, revoked.key, 'tk_live_x'],
    agent: [rich.pipelineAgent, rich.pipelineAgent, rich.realtimeAgent, rich.textAgent, poor.pipelineAgent],
    room: ['agent_none'],
    cursor: ['none'],
  }
  const resolve = (text: string) =>
    text.replaceAll(
      /\{(\w+) (\d)\}/g,
      (_, kind, number) => (names[kind] as string[]).at(number % (names[kind] as string[]).length) as string,
    )

  let sent = 0
  const seen = new Set<string>()
  async function send({ method, path, headers, body }: GeneratedRequest): Promise<Answer> {
    // Bad keys are counted for each address: every request comes from its own.
    const given: Record<string, string> = { 'x-forwarded-for': `10.0.${sent >> 8}.${sent++ & 255}` }
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) given[name] = resolve(value)
    return service.request(resolve(path), {
      method,
      headers: given,
      ...(body !== undefined && { body: resolve(body) }),
    })
  }
  const property = fc.asyncProperty(
    fc.array(anyRequest, { minLength: atOnce, maxLength: atOnce }),
    async (generated) => {
      const answers = await Promise.all(generated.map(send))
      for (const [index, answer] of answers.entries()) {
        const request = generated[index] as GeneratedRequest
        seen.add(`${request.id} ${answer.status}`)
        const wrong = objection(request, answer)
        if (wrong) throw new Error(wrong)
        if (answer.json?.token)
          names.room = [...new Set([answer.json.room_name, ...(names.room as string[])])].slice(0, 10)
        if (answer.json?.next_cursor) names.cursor = [answer.json.next_cursor, 'none']
      }
    },
  )
  await fc.assert(property, { numRuns: requests / atOnce, endOnFailure: true, includeErrorInReport: true })

  t.ok(sent >= requests, `${sent} requests`)
  t.comment([...seen].sort().join(', '))
  const expected = {
    createVoiceSession: [200, 400, 401, 402, 404, 413, 415, 422, 429],
    listVoiceSessions: [200, 400, 401],
    getVoiceSession: [200, 401, 404],
    endVoiceSession: [200, 401, 404],
    listAgents: [200, 400, 401],
    getAgent: [200, 401, 404],
    getCredits: [200, 401],
    getUsage: [200, 400, 401],
    listEvents: [200, 400, 401],
  }
  for (const [id, statuses] of Object.entries(expected))
    for (const status of statuses) t.ok(seen.has(`${id} ${status}`), `${id} answered ${status}`)
})
