// The fields of a schema, and the parameters of an operation, as tables.
import type { Json } from './document.ts'
import { blocks, escaped, inline } from './html.ts'

/** What is required of a value, in words. */
function typeOf(schema: Json): string {
  const { type, format, minimum, maximum, default: standard, enum: values, pattern } = schema
  const parts = [format ? `${type}, ${format}` : type]
  if (minimum !== undefined || maximum !== undefined)
    parts.push(
      [minimum !== undefined && `from ${minimum}`, maximum !== undefined && `to ${maximum}`].filter(Boolean).join(' '),
    )
  if (standard !== undefined) parts.push(`${standard} unless given`)
  const range = values && `one of ${values.map((value: string) => `<code>${escaped(value)}</code>`).join(', ')}`
  const form = pattern && `<code>${escaped(pattern)}</code>`
  return [escaped(parts.join(', ')), range, form].filter(Boolean).join('<br>')
}

function row(name: string, note: string, schema: Json, description: string): string {
  const small = note ? `<br><small>${note}</small>` : ''
  const type = `<p class="type">${typeOf(schema)}</p>`
  return `<tr><td><code>${escaped(name)}</code>${small}</td><td>${type}${blocks(description)}</td></tr>`
}

const table = (rows: string[]): string => `<table>${rows.join('\n')}</table>`

export function parameterTable(parameters: Json[]): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map((parameter) =>
    row(
      parameter.name,
      parameter.required ? `${parameter.in}, required` : parameter.in,
      parameter.schema,
      parameter.description,
    ),
  )
  return `<h3>Parameters</h3>${table(rows)}`
}

/** Objects that a field holds, or one of which each member of its list is. */
function membersOf(name: string, schema: Json): [title: string, schema: Json][] {
  const { properties, items, oneOf } = schema
  const title = `<code>${escaped(name)}</code>`
  if (properties) return [[`Within ${title}`, schema]]
  if (oneOf) return oneOf.map((one: Json) => [`${title}: ${inline(one.description)}`, one])
  if (items?.oneOf) return membersOf(name, items)
  return items?.properties ? [[`Each of ${title}`, items]] : []
}

/**
 * The fields of an object; those of objects in it follow, under their own names.
 * @param note at those that are never absent
 */
export function fieldTable(schema: Json, note: 'always' | 'required' = 'always'): string {
  const required = new Set<string>(schema.required)
  const rows = Object.entries<Json>(schema.properties).map(([name, field]) =>
    row(name, required.has(name) ? note : '', field, field.description),
  )
  const members = Object.entries<Json>(schema.properties)
    .flatMap(([name, field]) => membersOf(name, field))
    .map(([title, member]) => `<h4>${title}</h4>${fieldTable(member, note)}`)
  return [table(rows), ...members].join('\n')
}

export const summaryOf = (text: string): string => inline(text.replaceAll(/\s+/g, ' '))
