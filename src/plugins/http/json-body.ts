// Bodies are JSON or nothing. Keys that could reach a prototype are dropped, and so are fields that are null, which count as absent.
// An empty body is no body, whatever type it is said to have, and the operation's schema then judges that.
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { InvalidJsonBody } from '../../errors.ts'

/**
 * True where no body comes. Of one in chunks only the first byte tells, which is waited for and not taken; JSON's own parser
 * notices that by itself.
 */
async function isEmpty({ headers, mediaType, raw }: FastifyRequest): Promise<boolean> {
  if (headers['transfer-encoding'] === undefined) return Number(headers['content-length'] ?? 0) === 0
  if (mediaType === 'application/json') return false
  if (!raw.destroyed) await somethingIn(raw)
  // Where it is not complete the client has gone away.
  return raw.complete && raw.readableLength === 0
}

/** Resolves when there is something to be read, or nothing more will come. */
function somethingIn(body: Readable): Promise<void> {
  const events = ['readable', 'end', 'close']
  return new Promise((resolve) => {
    const tell = () => {
      for (const event of events) body.off(event, tell)
      resolve()
    }
    for (const event of events) body.on(event, tell)
  })
}

/** Only fields of the body itself are fields: what is within one of them is its value. */
function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}

async function jsonBody(app: FastifyInstance) {
  const parse = app.getDefaultJsonParser('remove', 'remove')

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined)
    parse(request, body as string, (error, value) => done(error && new InvalidJsonBody(), withoutNulls(value)))
  })

  // Clients declare a type for the nothing that they send, as `curl -d ''` does.
  app.addHook('preParsing', async (request) => {
    if (!(await isEmpty(request))) return
    delete request.headers['content-type']
    delete request.headers['transfer-encoding']
  })
}

export default fp(jsonBody, { name: 'json-body' })
