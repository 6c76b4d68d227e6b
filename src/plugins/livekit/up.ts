// Whether LiveKit's API answers and takes our key: a gauge, and a line of log whenever that changes. Every call tells; the
// first is the sweep's, as soon as the service is ready.
import type { FastifyInstance } from 'fastify'
import { AnswerTooLarge } from '../../errors.ts'
import type { LiveKitFailure } from './failure.ts'

export interface Up {
  answered(): void
  /** `isAboutOneRoom`: its node may be dead while LiveKit answers for others. */
  failed(failure: LiveKitFailure | AnswerTooLarge, isAboutOneRoom: boolean): void
}

const wrongKey =
  'LiveKit does not take the key: LIVEKIT_API_KEY and LIVEKIT_API_SECRET must be in LiveKit’s configuration'
const noAnswer =
  'LiveKit does not answer: no session can be created. LIVEKIT_API_URL, or LIVEKIT_URL, must be LiveKit’s'

export function createUp({ metrics, log }: Pick<FastifyInstance, 'metrics' | 'log'>): Up {
  let isUp: boolean | undefined

  function down(err: LiveKitFailure, message: string): void {
    metrics.livekitUp.set(0)
    if (isUp !== false) log.warn({ err }, message)
    isUp = false
  }

  return {
    answered() {
      metrics.livekitUp.set(1)
      if (isUp === false) log.info('LiveKit answers')
      isUp = true
    },
    failed(failure, isAboutOneRoom) {
      if (failure instanceof AnswerTooLarge) return
      const { status, code } = failure
      if (status === 401 || status === 403) down(failure, wrongKey)
      // With a code it is LiveKit that answers, unless it does not know the call: then it is some other service.
      else if (status === 429 || isAboutOneRoom || (code !== undefined && status !== 404)) return
      else down(failure, noAnswer)
    },
  }
}
