// The contract in OpenAPI 3.0: what differs from the authored document, and that nothing else does.
import t from 'tap'
import { parse } from 'yaml'
import { dereference, examplesOf, operationsOf } from '../reference/document.ts'
import { asOpenapi30 } from '../src/contract/openapi-3.0.ts'
import { authored, type Json } from './document.ts'

const document = parse(authored)
const derived: Json = asOpenapi30(document)

/** Everything but the examples, which the versions write in different ways. */
function withoutExamples(node: Json): Json {
  if (Array.isArray(node)) return node.map(withoutExamples)
  if (typeof node !== 'object') return node
  const { examples: _, example: __, ...rest } = node
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withoutExamples(value)]))
}

const operationsIn = (version: Json) =>
  operationsOf(dereference(version)).map(({ operation: { responses, ...operation }, ...rest }) => {
    const { default: _, ...declared } = responses
    return { ...rest, operation, declared, hasDefault: 'default' in responses }
  })

t.test('it says that it is 3.0, and has nothing at its top that only 3.1 knows', async (t) => {
  t.equal(derived.openapi, '3.0.3')
  t.strictSame(Object.keys(derived.info).sort(), ['description', 'license', 'title', 'version'])
  t.strictSame(derived.info.license, { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' })
  t.strictSame(derived.info.description, document.info.description)
  t.notOk('webhooks' in derived)
  t.strictSame(
    Object.keys(derived.components.schemas),
    Object.keys(document.components.schemas),
    'what they send is kept',
  )
  t.strictSame([derived.servers, derived.tags, derived.security], [document.servers, document.tags, document.security])
})

t.test('every operation is there as it was written, but for `default` and the way of examples', async (t) => {
  const [authored, made] = [operationsIn(document), operationsIn(derived)]
  t.equal(made.length, authored.length)
  for (const [index, { hasDefault, ...operation }] of authored.entries()) {
    t.ok(hasDefault, operation.id)
    t.strictSame(withoutExamples(made[index]), withoutExamples({ ...operation, hasDefault: false }), operation.id)
    for (const [status, answer] of Object.entries<Json>(operation.declared))
      t.strictSame(examplesOf(made[index]?.declared[status]), examplesOf(answer), `${operation.id} ${status}`)
  }
})

t.test('a schema has the first of its examples, however deep it is; values and names are left alone', async (t) => {
  const value = { examples: ['a value'], schema: { examples: [1] } }
  const answer = (schema: unknown) => ({ content: { 'application/json': { schema, examples: { one: { value } } } } })
  const made = asOpenapi30({
    openapi: '3.1.0',
    info: { title: 'T', summary: 'S', license: { name: 'N', identifier: 'I' } },
    paths: {
      '/things': {
        parameters: [{ name: 'a', in: 'query', schema: { type: 'string', examples: ['a', 'b'] } }],
        get: { responses: { 200: answer({ type: 'array', items: { type: 'integer', examples: [3] } }), default: {} } },
        delete: { responses: { 404: { $ref: '#/components/responses/Named' }, default: { $ref: '#/components/r' } } },
      },
    },
    components: {
      responses: { Named: answer({ $ref: '#/components/schemas/Thing' }), OnlyDefault: answer({}) },
      schemas: {
        Thing: {
          properties: { examples: { enum: ['x'], examples: ['x'] } },
          oneOf: [{ examples: [value] }],
          examples: [value],
        },
      },
    },
    webhooks: { called: {} },
  })
  t.strictSame(made, {
    openapi: '3.0.3',
    info: { title: 'T', license: { name: 'N', url: 'https://spdx.org/licenses/I.html' } },
    paths: {
      '/things': {
        parameters: [{ name: 'a', in: 'query', schema: { type: 'string', example: 'a' } }],
        get: { responses: { 200: answer({ type: 'array', items: { type: 'integer', example: 3 } }) } },
        delete: { responses: { 404: { $ref: '#/components/responses/Named' } } },
      },
    },
    components: {
      responses: { Named: answer({ $ref: '#/components/schemas/Thing' }) },
      schemas: {
        Thing: {
          properties: { examples: { enum: ['x'], example: 'x' } },
          oneOf: [{ example: value }],
          example: value,
        },
      },
    },
  })
})
