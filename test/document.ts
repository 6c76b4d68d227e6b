// The contract as the tests read it: parsed, with every reference resolved.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

// biome-ignore lint/suspicious/noExplicitAny: a document is judged by what the test expects of it
export type Json = any

export const authored = readFileSync('openapi.yaml', 'utf8')

/** A document in which each `$ref` is what it refers to. */
function dereference(document: Json, node: Json = document): Json {
  if (Array.isArray(node)) return node.map((item) => dereference(document, item))
  if (typeof node !== 'object' || node === null) return node
  if (node.$ref) {
    const target = node.$ref
      .slice(2)
      .split('/')
      .reduce((parent: Json, key: string) => parent[key], document)
    return dereference(document, target)
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, dereference(document, value)]))
}

export const document = dereference(parse(authored))

export interface Operation {
  id: string
  method: string
  /** As Fastify writes it, `/v1/things/:id`. */
  url: string
  operation: Json
}

function operationsOf(document: Json): Operation[] {
  return Object.entries<Json>(document.paths).flatMap(([path, { parameters: common = [], ...methods }]) =>
    Object.entries<Json>(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      operation: { ...operation, parameters: [...common, ...(operation.parameters ?? [])] },
    })),
  )
}

export const operations = operationsOf(document)

/** The examples of a request's or an answer's body. */
export function examplesOf(body: Json): Json[] {
  const { example, examples = {} } = body.content['application/json']
  const named = Object.values<Json>(examples).map(({ value }) => value)
  return example === undefined ? named : [example, ...named]
}
