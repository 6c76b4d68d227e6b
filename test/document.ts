// The contract as the tests read it: parsed, with every reference resolved.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { dereference, operationsOf } from '../reference/document.ts'

export { examplesOf, type Json } from '../reference/document.ts'

export const authored = readFileSync('openapi.yaml', 'utf8')
export const document = dereference(parse(authored))

/** With the path as Fastify writes it, `/v1/things/:id`. */
export const operations = operationsOf(document).map(({ path, ...operation }) => ({
  ...operation,
  url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
}))

export type Operation = (typeof operations)[number]
