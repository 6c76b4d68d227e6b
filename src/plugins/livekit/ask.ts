// One question to LiveKit's API, with its one repeat. Whatever goes wrong, the error is ours and tells no secret, and whether
// LiveKit is up is known.
import { AnswerTooLarge } from '../../errors.ts'
import { createRepeatMilliseconds, livekitTimeoutSeconds } from '../../timings.ts'
import { Api, type Authorize } from './api.ts'
import { createFailures, type LiveKitFailure } from './failure.ts'
import type { Transport } from './transport.ts'
import type { Up } from './up.ts'

export type Method = 'CreateRoom' | 'DeleteRoom' | 'ListParticipants' | 'ListRooms'

/** Rejects with LiveKitFailure, or AnswerTooLarge. */
export type Ask = <Answer>(method: Method, question: (api: Api) => Promise<Answer>) => Promise<Answer>

const timeoutMilliseconds = livekitTimeoutSeconds * 1000

/**
 * What failed without an answer is repeated: the connection may have been closed by the other side, and LiveKit answers a
 * repeat of each of the four with the same. CreateRoom, for which somebody waits, is repeated also where the answer was no
 * room, unless LiveKit said that it has too much to do.
 */
function isRepeated(method: Method, failure: LiveKitFailure | AnswerTooLarge, elapsed: number): boolean {
  if (elapsed > createRepeatMilliseconds || failure instanceof AnswerTooLarge) return false
  return failure.status === undefined || (method === 'CreateRoom' && failure.status !== 429)
}

export function createAsk(transport: Transport, authorize: Authorize, secrets: string[], up: Up): Ask {
  const toFailure = createFailures(secrets)
  const kept = new Api(transport.rpc('kept', timeoutMilliseconds), authorize)

  return async (method, question) => {
    // The worker's job holds the call's context and the agent's configuration.
    const isPrivate = method === 'CreateRoom'
    const startedAt = performance.now()
    const attempt = (api: Api) =>
      question(api).catch((error) => {
        throw toFailure(error, { isPrivate })
      })
    try {
      const answer = await attempt(kept).catch((failure) => {
        const elapsed = performance.now() - startedAt
        if (!isRepeated(method, failure, elapsed)) throw failure
        return attempt(new Api(transport.rpc('new', timeoutMilliseconds - elapsed), authorize))
      })
      up.answered()
      return answer
    } catch (failure) {
      const isAboutOneRoom = method === 'DeleteRoom' || method === 'ListParticipants'
      up.failed(failure as LiveKitFailure | AnswerTooLarge, isAboutOneRoom)
      throw failure
    }
  }
}
