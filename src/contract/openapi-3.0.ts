// The contract in OpenAPI 3.0, for tools that do not read 3.1. Derived from openapi.yaml, which is written in a subset that both
// know; what differs all the same is below. The linter refuses the result if anything else of 3.1 is in it.

type Json = Record<string, unknown>

/** What holds values of the caller, not schemas. */
const values = ['examples', 'example', 'enum', 'default']

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const mapValues = (node: unknown, change: (value: unknown, key: string) => unknown): Json =>
  Object.fromEntries(Object.entries(node as Json).map(([key, value]) => [key, change(value, key)]))

/** A schema of 3.0 has one example. */
function schemaOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(schemaOf)
  if (!isObject(schema)) return schema
  const { examples, ...rest } = mapValues(schema, (value, key) => {
    if (key === 'properties') return mapValues(value, schemaOf)
    return values.includes(key) ? value : schemaOf(value)
  })
  return examples === undefined ? rest : { ...rest, example: (examples as unknown[])[0] }
}

/** Whatever holds schemas, from the document down to a header. */
function holderOf(node: unknown, key = ''): unknown {
  if (key === 'schema') return schemaOf(node)
  if (key === 'schemas') return mapValues(node, schemaOf)
  if (values.includes(key)) return node
  if (Array.isArray(node)) return node.map((item) => holderOf(item))
  return isObject(node) ? mapValues(node, holderOf) : node
}

/** Without `default`, which some generators take for an answer of another type. */
function itemOf(item: unknown): Json {
  return mapValues(item, (operation, key) => {
    if (key === 'parameters') return operation
    const { responses, ...rest } = operation as Json
    const { default: _, ...declared } = responses as Json
    return { ...rest, responses: declared }
  })
}

/** @param document of OpenAPI 3.1, parsed; it is not changed */
export function asOpenapi30(document: object): Json {
  const { openapi: _, info, paths, components, webhooks: __, ...rest } = document as Json
  const { summary: ___, license, ...about } = info as Json
  const { name, identifier } = license as Json
  const { responses, ...parts } = components as Json
  const items = mapValues(paths, itemOf)
  const text = JSON.stringify(items)
  const isUsed = ([response]: [string, unknown]) => text.includes(`"#/components/responses/${response}"`)
  return holderOf({
    openapi: '3.0.3',
    info: { ...about, license: { name, url: `https://spdx.org/licenses/${identifier}.html` } },
    ...rest,
    paths: items,
    components: { ...parts, responses: Object.fromEntries(Object.entries(responses as Json).filter(isUsed)) },
  }) as Json
}
