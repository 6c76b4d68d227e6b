// The contract as the tests read it: parsed, with every reference resolved.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { dereference, type Json, operationsOf, refusalsOf } from '../reference/document.ts'

export { examplesOf, type Json, refusalsOf } from '../reference/document.ts'

export const authored = readFileSync('openapi.yaml', 'utf8')
export const document = dereference(parse(authored))

/** With the path as Fastify writes it, `/v1/things/:id`. */
export const operations = operationsOf(document).map(({ path, ...operation }) => ({
  ...operation,
  url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
}))

/** What the service itself sends: the path is the type of the event. */
export const webhooks = operationsOf(document, document.webhooks)

export type Operation = (typeof operations)[number]

/** The answers of an operation that are refusals, by status. */
export const refusalAnswers = ({ operation }: Operation): [status: string, answer: Json][] =>
  Object.entries<Json>(operation.responses).filter(([status]) => !status.startsWith('2'))

const codes = new Map(
  operations
    .flatMap(refusalAnswers)
    .flatMap(([, answer]) => refusalsOf(answer).map(({ code, detail }) => [detail, code])),
)

/** The X-Error-Code that the document names for a sentence. */
export const codeOf = (detail: string): string | undefined => codes.get(detail)
