// Probes: /livez says that the process answers, /readyz that it can do its work. LiveKit is not part of readiness: while it
// is down, requests are refused with a clear answer and their credits come back.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ServiceUnavailable } from '../../errors.ts'

/** How long an answer of the database counts, so that probes put no load on it. */
const cacheMilliseconds = 1000

async function health(app: FastifyInstance) {
  let askedAt = Number.NEGATIVE_INFINITY
  let answer: Promise<void>

  function databaseAnswers(): Promise<void> {
    if (performance.now() - askedAt > cacheMilliseconds) {
      askedAt = performance.now()
      answer = app.repositories.ping()
    }
    return answer
  }

  const config = { alwaysAnswered: true }

  app.get('/livez', { config }, async () => ({ status: 'live' }))
  app.get('/readyz', { config }, async () => {
    if (app.drain.isUnderWay() || app.isClosing()) throw new ServiceUnavailable({ cause: new Error('closing') })
    await databaseAnswers()
    return { status: 'ready' }
  })
}

export default fp(health, { name: 'health', dependencies: ['database', 'drain', 'overload'] })
