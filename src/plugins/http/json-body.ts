// Bodies are JSON or nothing. Keys that could reach a prototype are dropped; an empty body is no body, which the
// operation's schema then judges.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { InvalidJsonBody } from '../../errors.ts'

async function jsonBody(app: FastifyInstance) {
  const parse = app.getDefaultJsonParser('remove', 'remove')

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined)
    parse(request, body as string, (error, value) => done(error && new InvalidJsonBody(), value))
  })
}

export default fp(jsonBody, { name: 'json-body' })
