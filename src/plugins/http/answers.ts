// What every answer has in common: its headers, the one shape of an error, 404 for unknown paths and 405 for methods that
// a known path lacks.
import { ServerResponse } from 'node:http'
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
import { answerHeaders } from './faults.ts'

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

/** Matches the paths of a route such as `/v1/things/:id` or `/docs/*`. */
function pathPattern(route: string): RegExp {
  const escaped = route.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`)
}

/** The path as the router compares it: of an absolute URL, too, and decoded. */
function pathOf({ originalUrl }: FastifyRequest): string {
  const [path] = originalUrl.replace(/^https?:\/\/[^/]*/, '').split(/[?#]/, 1) as [string]
  try {
    return decodeURI(path)
  } catch (cause) {
    throw new MalformedHttpRequest({ cause })
  }
}

/** Node would answer an unknown Expect with a bare 417 and a CONNECT with silence; to us both are requests like any. */
function acceptEveryRequest({ server }: FastifyInstance): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.on('connect', (request, socket) => {
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket.on('error', () => {}) as Socket)
    response.on('finish', () => socket.end())
    server.emit('request', request, response)
  })
}

async function answers(app: FastifyInstance) {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>()

  acceptEveryRequest(app)
  app.decorateRequest('failure', null)

  app.addHook('onRoute', ({ url, method }) => {
    if (url === '*') return
    const route = routes.get(url) ?? { pattern: pathPattern(url), methods: new Set() }
    for (const each of [method].flat()) route.methods.add(each)
    routes.set(url, route)
  })

  app.addHook('onRequest', async ({ id, headers, raw }, reply) => {
    reply.headers(answerHeaders(id))
    if (headers.host === undefined && raw.httpVersion === '1.1') throw new MalformedHttpRequest()
  })

  function refuseUnknown(request: FastifyRequest): never {
    const path = pathOf(request)
    const methods = [...routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => [...route.methods])
    if (methods.length === 0 || methods.includes(request.method)) throw new NotFound()
    throw new MethodNotAllowed({ headers: { allow: [...new Set(methods)].sort().join(', ') } })
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
