// What every answer has in common: its headers, the one shape of an error, 404 for unknown paths and 405 for methods that
// a known path lacks.
import type { FastifyError, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import {
  BodyTooLarge,
  InternalServerError,
  MalformedHttpRequest,
  MethodNotAllowed,
  NotFound,
  PublicError,
  UnsupportedMediaType,
} from '../errors.ts'
import { answerHeaders } from '../http-faults.ts'

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

async function answers(app: FastifyInstance) {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>()

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

  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0] as string
    const methods = [...routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => [...route.methods])
    if (methods.length === 0) throw new NotFound()
    throw new MethodNotAllowed({ headers: { allow: [...new Set(methods)].join(', ') } })
  })

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const failure = toPublicError(error)
    request.failure = failure
    return reply.code(failure.statusCode).headers(failure.headers).send({ detail: failure.message })
  })
}

export default fp(answers, { name: 'answers' })
