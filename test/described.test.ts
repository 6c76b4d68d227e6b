// The document as a product: whatever a reader of it can meet is described, and it is the version that the package says.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { document, type Json, operations, webhooks } from './document.ts'

/** Each field of a schema, however deep, with the path to it. */
function fieldsOf(schema: Json, path: string): [string, Json][] {
  const fields = Object.entries<Json>(schema.properties ?? {}).flatMap(([name, field]): [string, Json][] => [
    [`${path}.${name}`, field],
    ...fieldsOf(field, `${path}.${name}`),
  ])
  return schema.items ? [...fields, ...fieldsOf(schema.items, `${path}[]`)] : fields
}

const isDescribed = (node: Json) => typeof node.description === 'string' && node.description.trim().length > 10

t.test('every operation, parameter, answer and header is described', async (t) => {
  t.ok(isDescribed(document.info))
  for (const tag of document.tags) t.ok(isDescribed(tag), tag.name)
  for (const { id, operation } of operations) {
    t.ok(isDescribed(operation), id)
    t.ok(operation.summary, `${id}: summary`)
    for (const parameter of operation.parameters) t.ok(isDescribed(parameter), `${id} ${parameter.name}`)
    for (const [status, answer] of Object.entries<Json>(operation.responses)) {
      t.ok(isDescribed(answer), `${id} ${status}`)
      for (const [name, header] of Object.entries<Json>(answer.headers)) t.ok(isDescribed(header), `${status} ${name}`)
    }
  }
})

t.test('every webhook is described, with what is sent and what to answer', async (t) => {
  for (const { id, operation } of webhooks) {
    t.ok(isDescribed(operation), id)
    t.ok(operation.requestBody.description, id)
    for (const answer of Object.values<Json>(operation.responses)) t.ok(isDescribed(answer), id)
  }
})

t.test('every schema and every field of it is described, with an example where it holds a value', async (t) => {
  for (const [name, schema] of Object.entries<Json>(document.components.schemas)) {
    t.ok(isDescribed(schema), name)
    for (const [path, field] of fieldsOf(schema, name)) {
      t.ok(isDescribed(field), path)
      // An object is described field by field.
      if (field.type !== 'array' && !field.properties) t.ok(field.examples?.length > 0, `${path}: an example`)
    }
  }
})

t.test('only an answer that is exactly so for ever is closed; all others may get fields', async (t) => {
  const closed = Object.entries<Json>(document.components.schemas).filter(([, schema]) =>
    JSON.stringify(schema).includes('"additionalProperties":false'),
  )
  t.strictSame(closed.map(([name]) => name).sort(), ['ErrorResponse', 'VoiceSessionConnection'])
})

t.test('the document has the version of the package', async (t) => {
  t.equal(document.info.version, JSON.parse(readFileSync('package.json', 'utf8')).version)
})
