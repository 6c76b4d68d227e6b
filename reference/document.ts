// The contract with every reference resolved, and its operations in the order in which they are written.

// biome-ignore lint/suspicious/noExplicitAny: the document is checked by the linter and by tests, not here
export type Json = any

export interface Operation {
  id: string
  method: string
  path: string
  /** What is written of it, with the parameters of its path. */
  operation: Json
}

/** A copy in which each `$ref` is what it refers to. */
export function dereference(document: Json, node: Json = document): Json {
  if (Array.isArray(node)) return node.map((item) => dereference(document, item))
  if (typeof node !== 'object' || node === null) return node
  if (node.$ref) {
    const keys = node.$ref.slice(2).split('/')
    return dereference(
      document,
      keys.reduce((parent: Json, key: string) => parent[key], document),
    )
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, dereference(document, value)]))
}

/** @param paths those of the document, or its webhooks, whose paths are the types of events */
export function operationsOf(document: Json, paths: Json = document.paths): Operation[] {
  return Object.entries<Json>(paths).flatMap(([path, { parameters: common = [], ...methods }]) =>
    Object.entries<Json>(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      operation: { ...operation, parameters: [...common, ...(operation.parameters ?? [])] },
    })),
  )
}

/** What an answer may refuse: the code of each example, and its sentence. */
export function refusalsOf(answer: Json): { code: string; detail: string }[] {
  const examples = Object.entries<Json>(answer.content['application/json'].examples)
  return examples.map(([code, { value }]) => ({ code, detail: value.detail }))
}

/** The examples of a request's or an answer's body. */
export function examplesOf(body: Json): Json[] {
  const { example, examples = {} } = body.content['application/json']
  const named = Object.values<Json>(examples).map(({ value }) => value)
  return example === undefined ? named : [example, ...named]
}
