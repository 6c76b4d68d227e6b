// What every answer has in common: its headers, the one shape of an error, 404 for unknown paths and 405 for methods that
// a known path lacks.
import { METHODS, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  BodyTooLarge,
  InternalServerError,
  MalformedHttpRequest,
  MethodNotAllowed,
  NotFound,
  PublicError,
  UnsupportedMediaType,
} from '../../errors.ts'
import { answerHeaders, malformedUrl } from './faults.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the request was refused, for the log. */
    failure: PublicError | null
  }
}

function toPublicError(error: FastifyError): PublicError {
  if (error instanceof PublicError) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new BodyTooLarge()
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new UnsupportedMediaType()
  if (error.statusCode && error.statusCode < 500) return new MalformedHttpRequest({ cause: error })
  return new InternalServerError({ cause: error })
}

/** Node would answer an unknown Expect with a bare 417 and a CONNECT with silence; to us both are requests like any. */
function acceptEveryRequest({ server }: FastifyInstance): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.on('connect', (request, stream) => {
    const socket = stream.on('error', () => {}) as Socket
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    try {
      response.assignSocket(socket)
    } catch {
      // A request before it on the connection has no answer yet.
      socket.destroy()
      return
    }
    // Node does not look after the connection any more.
    response.on('finish', () => socket.destroySoon())
    server.emit('request', request, response)
  })
}

async function answers(app: FastifyInstance) {
  acceptEveryRequest(app)
  app.decorateRequest('failure', null)

  app.addHook('onRequest', async ({ id, headers, raw }, reply) => {
    reply.headers(answerHeaders(id))
    if (headers.host === undefined && raw.httpVersion === '1.1') throw new MalformedHttpRequest()
  })

  function refuseUnknown({ method, url, originalUrl }: FastifyRequest): never {
    if (url === malformedUrl && url !== originalUrl) throw new MalformedHttpRequest()
    // OPTIONS is never a method of ours: where the router has it, CORS answers it for every path.
    const allowed = METHODS.filter((method) => method !== 'OPTIONS' && app.findRoute({ method, url }))
    // A route may itself find nothing, as that of the files under /docs/static does.
    if (allowed.length === 0 || allowed.includes(method)) throw new NotFound()
    throw new MethodNotAllowed({ headers: { allow: allowed.join(', ') } })
  }

  // Before the body is read: what nobody asked for is not judged.
  app.addHook('preParsing', async (request) => {
    if (request.is404) refuseUnknown(request)
  })
  app.setNotFoundHandler(refuseUnknown)

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const failure = toPublicError(error)
    request.failure = failure
    return reply.code(failure.statusCode).headers(failure.headers).send({ detail: failure.message })
  })
}

export default fp(answers, { name: 'answers' })
