// The document, the generated schemas, the routes and the files say the same: drift in any direction fails.
import { readdir } from 'node:fs/promises'
import { Ajv } from 'ajv'
import ajvFormats from 'ajv-formats'
import t from 'tap'
import * as generated from '../src/contract/openapi.gen.ts'
import { document, examplesOf, type Json, operations, webhooks } from './document.ts'
import { build } from './helper.ts'

const exported: Json = generated
const ajv = ajvFormats.default(new Ajv())
const places = { path: 'params', query: 'querystring', header: 'headers' }

/** `POST /a` for each route, from Fastify's picture of its tree. */
function routesIn(picture: string): string[] {
  const path: string[] = []
  return picture.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods] = /^((?:[│ ] {3})*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? []
    path.splice(indent.length / 4, Number.POSITIVE_INFINITY, part)
    return methods ? methods.split(', ').map((method) => `${method} ${path.join('')}`) : []
  })
}

t.test('the routes under /v1 are exactly the operations of the document', async (t) => {
  const { app } = await build(t)
  const routes = routesIn(app.printRoutes({ commonPrefix: false }))
  t.ok(routes.includes('GET /livez'), 'the picture is read')
  const underV1 = routes.filter((route) => route.includes(' /v1'))
  t.strictSame(underV1.sort(), operations.map(({ method, url }) => `${method} ${url}`).sort())
})

t.test('every component schema is generated, and equal to the document’s', async (t) => {
  const names = Object.keys(document.components.schemas)
  t.ok(names.length >= 3)
  for (const name of names) t.same(JSON.parse(JSON.stringify(exported[name])), document.components.schemas[name], name)
})

t.test('every operation is generated, and equal to the document’s', async (t) => {
  t.ok(operations.length >= 1)
  for (const { id, method, url, operation } of operations) {
    const { schema, ...rest } = JSON.parse(JSON.stringify(exported[id]))
    t.strictSame(rest, { method, url, security: operation.security ?? document.security }, id)
    const schemaOf = (holder: { content: Record<string, { schema: unknown }> }) =>
      holder.content['application/json']?.schema
    t.same(schema.body, operation.requestBody && schemaOf(operation.requestBody), `${id}: body`)
    for (const [place, part] of Object.entries(places)) {
      const parameters = operation.parameters.filter((parameter: Json) => parameter.in === place)
      const named = parameters.map(({ name, schema }: Json) => [place === 'header' ? name.toLowerCase() : name, schema])
      t.same(schema[part]?.properties ?? {}, Object.fromEntries(named), `${id}: ${part}`)
      const required = parameters.filter((parameter: Json) => parameter.required).map(({ name }: Json) => name)
      t.same(schema[part]?.required ?? [], required, `${id}: required ${part}`)
    }
    const responses = Object.entries<Parameters<typeof schemaOf>[0]>(operation.responses)
    const expected = Object.fromEntries(responses.map(([status, response]) => [status, schemaOf(response)]))
    t.same(schema.response, expected, `${id}: responses`)
  }
})

t.test('nothing is generated that the document does not have', async (t) => {
  const names = [...Object.keys(document.components.schemas), ...operations.map(({ id }) => id)]
  t.strictSame(Object.keys(generated).sort(), names.sort())
})

t.test('every operation has an example for each body and a default answer, and the examples are valid', async (t) => {
  for (const { id, operation } of operations) {
    const { schema } = exported[id]
    const bodies: [string, { content: object }, object][] = Object.entries<{ content: object }>(
      operation.responses,
    ).map(([status, response]) => [status, response, schema.response[status]])
    t.ok(operation.responses.default, `${id}: default`)
    if (operation.requestBody) bodies.push(['body', operation.requestBody, schema.body])
    for (const [title, body, schema] of bodies) {
      const examples = examplesOf(body)
      t.ok(examples.length > 0, `${id} ${title}: an example`)
      const validate = ajv.compile(schema)
      for (const example of examples) t.ok(validate(example), `${id} ${title}: ${ajv.errorsText(validate.errors)}`)
    }
    for (const part of ['summary', 'description', 'tags']) t.ok(operation[part]?.length > 0, `${id}: ${part}`)
  }
})

t.test('every webhook has an example that is valid, and is of its type alone', async (t) => {
  t.strictSame(
    webhooks.map(({ id, path }) => `${path} ${id}`),
    [
      ...['call.started callStarted', 'call.ended callEnded', 'call.failed callFailed'],
      ...['credit.low creditLow', 'credit.depleted creditDepleted', 'webhook.test webhookTest'],
    ],
  )
  const validate = ajv.compile(exported.Event)
  for (const { id, path, method, operation } of webhooks) {
    t.strictSame([method, operation.security, Object.keys(operation.responses)], ['POST', [], ['200']], id)
    for (const part of ['summary', 'description']) t.ok(operation[part]?.length > 0, `${id}: ${part}`)
    t.strictSame(operation.tags, ['Webhooks'])
    const [example, ...more] = examplesOf(operation.requestBody)
    t.strictSame([example.type, more], [path, []])
    const { schema } = operation.requestBody.content['application/json']
    t.ok(ajv.compile(schema)(example), id)
    t.ok(validate(example), `${id}: ${ajv.errorsText(validate.errors)}`)
    for (const other of webhooks)
      t.equal(ajv.compile(schema)({ ...example, type: other.path }), other.path.split('.')[0] === path.split('.')[0])
  }
})

t.test('an operation’s id names its handler and its folder of tests', async (t) => {
  const names = operations.map(({ id }) => id.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  t.strictSame(await readdir('src/handlers'), names.map((name) => `${name}.ts`).sort())
  const folders = (await readdir('test', { withFileTypes: true })).filter((entry) => entry.isDirectory())
  // The browser's tests are no operation's, and run apart.
  t.strictSame(folders.map(({ name }) => name).sort(), [...names, 'browser'].sort())
  for (const { id, operation } of operations) {
    const folder = names[operations.findIndex((each) => each.id === id)]
    const files = await readdir(`test/${folder}`)
    const statuses = new Set(files.map((file) => file.slice(0, 3)))
    for (const status of statuses) t.ok(status in operation.responses, `${folder}/${status} is a declared status`)
  }
})
