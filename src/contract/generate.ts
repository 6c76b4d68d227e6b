// Writes openapi.gen.ts from openapi.yaml: one TypeBox constant per component schema, one Fastify schema per operation. What it does
// not know stops it, so that nothing is dropped in silence. Webhooks have no routes: their bodies are component schemas.
import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'
import { asJson, inDependencyOrder, type Json, literal, typebox } from './typebox.ts'

const methods = ['get', 'post', 'put', 'patch', 'delete']
const parameterPlaces = { path: 'params', query: 'querystring', header: 'headers' } as const

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

/** What a webhook sends is a component schema, and so generated with these. */
function requireNamedBody(item: unknown, name: string): void {
  const { content } = asJson(asJson(asJson(item).post).requestBody)
  const { schema } = asJson(asJson(content)['application/json'])
  if (!asJson(schema).$ref) throw new Error(`${name}: unsupported body without a name`)
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
  for (const [name, item] of Object.entries(asJson(document.webhooks))) requireNamedBody(item, name)
  return `${lines.join('\n\n')}\n`
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync('src/contract/openapi.gen.ts', generate(readFileSync('openapi.yaml', 'utf8')))
}
