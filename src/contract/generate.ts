// Writes openapi.gen.ts from openapi.yaml: one TypeBox constant per component schema, one Fastify schema per operation.
// It knows exactly the keywords below; anything else in the document stops it, so that nothing is dropped in silence.
import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'

type Json = Record<string, unknown>

const annotations = ['description', 'examples', 'default']
const keywords: Record<string, string[]> = {
  string: ['pattern', 'format', 'minLength', 'maxLength'],
  integer: ['minimum', 'maximum'],
  boolean: [],
  array: ['items', 'minItems', 'maxItems'],
  object: ['properties', 'required', 'additionalProperties', 'maxProperties'],
}
const methods = ['get', 'post', 'put', 'patch', 'delete']
const parameterPlaces = { path: 'params', query: 'querystring', header: 'headers' } as const

const asJson = (value: unknown): Json => (value ?? {}) as Json
const literal = (value: unknown): string => JSON.stringify(value)
const refName = (ref: unknown): string => String(ref).split('/').at(-1) as string

/** The type of an object's values, where their names are not known: texts, or anything. */
function valueType({ properties, additionalProperties: values }: Json, path: string): string {
  if (properties) throw new Error(`${path}: unsupported additionalProperties beside properties`)
  if (values === true) return 'unknown'
  typebox(asJson(values), `${path}.additionalProperties`)
  if (asJson(values).type !== 'string') throw new Error(`${path}: unsupported type of additionalProperties`)
  return 'string'
}

/** TypeScript source of a TypeBox expression for one schema of the document; throws on what it does not know. */
function typebox(schema: Json, path: string): string {
  if (schema.$ref) return refName(schema.$ref)
  const type = String(schema.type)
  const known = keywords[type]
  if (!known) throw new Error(`${path}: unsupported type ${type}`)
  for (const key of Object.keys(schema)) {
    if (![...known, ...annotations, 'type', 'enum'].includes(key))
      throw new Error(`${path}: unsupported keyword ${key}`)
  }
  const { type: _, properties, required, items, ...rest } = schema
  const options = Object.keys(rest).length > 0 ? literal(rest) : ''
  if (schema.enum) return `Type.Unsafe<${(schema.enum as unknown[]).map(literal).join(' | ')}>(${literal(schema)})`
  if (type === 'string') return `Type.String(${options})`
  if (type === 'integer') return `Type.Integer(${options})`
  if (type === 'boolean') return `Type.Boolean(${options})`
  if (type === 'array')
    return `Type.Array(${[typebox(asJson(items), `${path}.items`), options].filter(Boolean).join(', ')})`
  if (schema.additionalProperties) return `Type.Unsafe<Record<string, ${valueType(schema, path)}>>(${literal(schema)})`
  const members = Object.entries(asJson(properties)).map(([name, member]) => {
    const expression = typebox(asJson(member), `${path}.${name}`)
    const isRequired = ((required as string[] | undefined) ?? []).includes(name)
    return `${literal(name)}: ${isRequired ? expression : `Type.Optional(${expression})`}`
  })
  return `Type.Object({ ${members.join(', ')} }${options && `, ${options}`})`
}

/** Component names in an order in which each comes after all that it refers to. */
function inDependencyOrder(schemas: Json): string[] {
  const ordered: string[] = []
  const visit = (name: string): void => {
    if (ordered.includes(name)) return
    for (const [, ref] of literal(schemas[name]).matchAll(/"#\/components\/schemas\/(\w+)"/g)) visit(ref as string)
    ordered.push(name)
  }
  Object.keys(schemas).forEach(visit)
  return ordered
}

function operationSource(document: Json, url: string, method: string, operation: Json): string {
  const resolve = (value: unknown): Json => {
    const { $ref } = asJson(value)
    if (!$ref) return asJson(value)
    return String($ref)
      .slice(2)
      .split('/')
      .reduce((node, key) => asJson(node[key]), document)
  }
  const jsonSchema = (holder: unknown): Json => {
    const content = asJson(resolve(holder).content)
    const others = Object.keys(content).filter((type) => type !== 'application/json')
    if (others.length > 0) throw new Error(`${url}: unsupported content type ${others}`)
    return asJson(asJson(content['application/json']).schema)
  }
  const places: Record<string, Json> = {}
  for (const parameter of (operation.parameters as unknown[]).map(resolve)) {
    const place = parameterPlaces[parameter.in as keyof typeof parameterPlaces]
    if (!place) throw new Error(`${url}: unsupported parameter in ${parameter.in}`)
    const name = parameter.in === 'header' ? String(parameter.name).toLowerCase() : String(parameter.name)
    const schema = places[place] ?? { type: 'object', properties: {}, required: [] }
    places[place] = schema
    asJson(schema.properties)[name] = parameter.schema
    if (parameter.required) (schema.required as string[]).push(name)
  }
  const parts = Object.entries(places).map(([place, schema]) => `${place}: ${typebox(schema, `${url}.${place}`)}`)
  if (operation.requestBody) parts.push(`body: ${typebox(jsonSchema(operation.requestBody), `${url}.body`)}`)
  const responses = Object.entries(asJson(operation.responses)).map(
    ([status, response]) => `${literal(status)}: ${typebox(jsonSchema(response), `${url}.${status}`)}`,
  )
  parts.push(`response: { ${responses.join(', ')} }`)
  const route = url.replaceAll(/\{(\w+)\}/g, ':$1')
  return `export const ${operation.operationId} = { method: ${literal(method.toUpperCase())}, url: ${literal(route)}, security: ${literal(
    operation.security ?? document.security,
  )}, schema: { ${parts.join(', ')} } } as const`
}

/** The whole generated module, as TypeScript source. */
export function generate(openapi: string): string {
  const document = asJson(parse(openapi))
  const schemas = asJson(asJson(document.components).schemas)
  const lines = [
    '// GENERATED from openapi.yaml by `npm run generate`: do not edit.',
    "import { type Static, Type } from '@sinclair/typebox'",
  ]
  for (const name of inDependencyOrder(schemas)) {
    lines.push(
      `export const ${name} = ${typebox(asJson(schemas[name]), name)}`,
      `export type ${name} = Static<typeof ${name}>`,
    )
  }
  for (const [url, item] of Object.entries(asJson(document.paths))) {
    const { parameters: common = [], ...operations } = asJson(item)
    for (const [method, operation] of Object.entries(operations)) {
      if (!methods.includes(method)) throw new Error(`${url}: unsupported ${method}`)
      const parameters = [common, asJson(operation).parameters ?? []].flat()
      lines.push(operationSource(document, url, method, { ...asJson(operation), parameters }))
    }
  }
  return `${lines.join('\n\n')}\n`
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync('src/contract/openapi.gen.ts', generate(readFileSync('openapi.yaml', 'utf8')))
}
