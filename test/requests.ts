// Requests as a stranger might send them, generated from the document: every operation, with values that its schemas allow
// and values that they do not. What only the running service knows is named `{key 1}`, `{agent 2}`, `{room 3}`, `{cursor 4}`.
import fc from 'fast-check'
import { type Json, type Operation, operations } from './document.ts'

export interface GeneratedRequest {
  id: string
  method: string
  path: string
  headers: Record<string, string | undefined>
  body: string | undefined
}

const nameOf = (kind: string) => fc.nat(9).map((number) => `{${kind} ${number}}`)
/** What a header may hold: Latin-1 without controls. */
const latin1Code = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f)
const latin1 = fc.string({ unit: latin1Code.map((code) => String.fromCharCode(code)) })
const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', '\0', '%', '..', '-1', '1e3'))
const person = fc.constantFrom('Ana', 'customer-427')
const moment = fc.constantFrom('2024-01-15T10:00:00Z', '2030-01-31T23:59:59.123456+02:00')
const known: Record<string, fc.Arbitrary<string>> = {
  ...{ room_name: nameOf('room'), cursor: nameOf('cursor'), agent_id: nameOf('agent') },
  ...{ user_identifier: person, created_after: moment, created_before: moment },
  ...{ from: fc.constantFrom('2024-01-01', '2024-02-01'), to: fc.constantFrom('2024-12-31', '2030-01-01') },
  type: fc.constantFrom('call.ended', 'call.unknown'),
}

/** A value of a parameter: of its schema, known to the service, or anything. */
function valueFor({ name, schema }: Json): fc.Arbitrary<string> {
  const allowed = schema.enum
    ? fc.constantFrom(...schema.enum)
    : schema.type === 'integer'
      ? fc.integer({ min: schema.minimum - 1, max: schema.maximum + 1 }).map(String)
      : (known[name] ?? fc.constantFrom('a', 'order-17'))
  return fc.oneof({ weight: 4, arbitrary: allowed }, { weight: 1, arbitrary: anyText })
}

const isIn = (place: string) => (parameter: Json) => parameter.in === place

function pathOf({ url, operation }: Operation): fc.Arbitrary<string> {
  const values = (place: string) =>
    Object.fromEntries(operation.parameters.filter(isIn(place)).map((each: Json) => [each.name, valueFor(each)]))
  const path = fc
    .record<Record<string, string>>(values('path'))
    .map((given) => url.replaceAll(/:(\w+)/g, (_, name) => encode(given[name] as string)))
  // What is required is absent now and then, too.
  const required = operation.parameters.filter((each: Json) => isIn('query')(each) && each.required)
  const requiredKeys = required.map(({ name }: Json): string => name)
  const some = fc.record<Record<string, string>>(values('query'), { requiredKeys: [] })
  const enough = fc.record<Record<string, string>>(values('query'), { requiredKeys })
  const query = fc.oneof({ weight: 2, arbitrary: enough }, { weight: 1, arbitrary: some }).map((given) =>
    Object.entries(given)
      .map(([name, value]) => `${name}=${encode(value)}`)
      .join('&'),
  )
  return fc.tuple(path, query).map(([path, query]) => (query === '' ? path : `${path}?${query}`))
}

/** What the service will put in for a name is not encoded before. */
const encode = (text: string) => (/^\{\w+ \d\}$/.test(text) ? text : encodeURIComponent(text))

/** Mostly this, now and then something else, or nothing. */
const mostly = (usual: fc.Arbitrary<string>, unusual: fc.Arbitrary<string>) =>
  fc.option(fc.oneof({ weight: 14, arbitrary: usual }, { weight: 1, arbitrary: unusual }), { nil: undefined, freq: 14 })

const headers = fc.record({
  'x-api-key': mostly(nameOf('key'), latin1),
  'content-type': mostly(
    fc.constant('application/json'),
    fc.constantFrom('text/plain', 'application/json; charset=utf-8', 'application/xml', 'x'),
  ),
  'idempotency-key': fc.option(
    mostly(
      fc.nat(5).map((number) => `order-${number}`),
      fc.oneof(latin1, fc.constant('x'.repeat(256))),
    ),
    { nil: undefined, freq: 2 },
  ),
})

const agentId = fc.oneof({ weight: 6, arbitrary: nameOf('agent') }, { weight: 1, arbitrary: fc.uuid() }, anyText)
const contextFields = {
  metadata: fc.oneof(
    fc.dictionary(fc.constantFrom('name', 'order', 'a b'), fc.string()),
    fc.constant(null),
    fc.jsonValue(),
  ),
  user_identifier: fc.oneof(person, fc.constant(null), fc.jsonValue()),
}
const body = fc.oneof(
  { weight: 5, arbitrary: fc.record({ agent_id: agentId }).map((value) => JSON.stringify(value)) },
  {
    weight: 3,
    arbitrary: fc
      .record({ agent_id: agentId, ...contextFields }, { requiredKeys: ['agent_id'] })
      .map((value) => JSON.stringify(value)),
  },
  { weight: 1, arbitrary: fc.record({ agent_id: fc.jsonValue(), more: fc.jsonValue() }).map((v) => JSON.stringify(v)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '{', '{"agent_id":', '[]', '{"__proto__":{}}', `"${'x'.repeat(70_000)}"`),
  },
)

function requestOf(operation: Operation): fc.Arbitrary<GeneratedRequest> {
  const { id, method } = operation
  const mayHaveBody = method !== 'GET'
  const wantsBody = operation.operation.requestBody !== undefined
  return fc.record({
    id: fc.constant(id),
    method: fc.constant(method),
    path: pathOf(operation),
    headers,
    body: mayHaveBody ? fc.option(body, { nil: undefined, freq: wantsBody ? 9 : 1 }) : fc.constant(undefined),
  })
}

export const anyRequest = fc.oneof(
  ...operations.map((operation) => ({ weight: operation.method === 'POST' ? 4 : 1, arbitrary: requestOf(operation) })),
)
