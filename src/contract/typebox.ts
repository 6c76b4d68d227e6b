// A schema of openapi.yaml as TypeScript source of a TypeBox expression. It knows exactly the keywords below; anything else stops it,
// so that nothing is dropped in silence.

export type Json = Record<string, unknown>

const annotations = ['description', 'examples', 'default']
const keywords: Record<string, string[]> = {
  string: ['pattern', 'format', 'minLength', 'maxLength'],
  integer: ['minimum', 'maximum', 'format'],
  boolean: [],
  array: ['items', 'minItems', 'maxItems'],
  object: ['properties', 'required', 'additionalProperties', 'maxProperties'],
}

export const asJson = (value: unknown): Json => (value ?? {}) as Json
export const literal = (value: unknown): string => JSON.stringify(value)
const refName = (ref: unknown): string => String(ref).split('/').at(-1) as string

/** The type of an object's values, where their names are not known: texts, or anything. */
function valueType({ properties, additionalProperties: values }: Json, path: string): string {
  if (properties) throw new Error(`${path}: unsupported additionalProperties beside properties`)
  if (values === true) return 'unknown'
  typebox(asJson(values), `${path}.additionalProperties`)
  if (asJson(values).type !== 'string') throw new Error(`${path}: unsupported type of additionalProperties`)
  return 'string'
}

/** One of several component schemas, as the union of their types. */
function oneOf({ oneOf, ...rest }: Json, path: string): string {
  const names = (oneOf as Json[]).map(({ $ref }) => $ref && refName($ref))
  if (names.length === 0 || names.includes(undefined)) throw new Error(`${path}: unsupported oneOf of what has no name`)
  for (const key of Object.keys(rest))
    if (!annotations.includes(key)) throw new Error(`${path}: unsupported keyword ${key} beside oneOf`)
  const members = Object.entries(rest).map(([key, value]) => `${key}: ${literal(value)}`)
  return `Type.Unsafe<${names.join(' | ')}>({ ${[...members, `oneOf: [${names.join(', ')}]`].join(', ')} })`
}

/** TypeScript source of a TypeBox expression for one schema of the document; throws on what it does not know. */
export function typebox(schema: Json, path: string): string {
  if (schema.$ref) return refName(schema.$ref)
  if (schema.oneOf) return oneOf(schema, path)
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
export function inDependencyOrder(schemas: Json): string[] {
  const ordered: string[] = []
  const visit = (name: string): void => {
    if (ordered.includes(name)) return
    for (const [, ref] of literal(schemas[name]).matchAll(/"#\/components\/schemas\/(\w+)"/g)) visit(ref as string)
    ordered.push(name)
  }
  Object.keys(schemas).forEach(visit)
  return ordered
}
