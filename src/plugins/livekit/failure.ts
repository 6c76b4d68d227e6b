// What LiveKit's API did in place of answering, in words that may be logged. LiveKit's own say whose key was wrong, and repeat
// the whole token: here, and nowhere else, they become ours.
import { AnswerTooLarge } from '../../errors.ts'

/** What LiveKit, or whatever stands before it, answered in place of a 200. The text may hold our token. */
export class Refusal extends Error {
  readonly status: number
  readonly retryAfter: string | undefined

  constructor(text: string, status: number, retryAfter: string | undefined) {
    super(text)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** Its message is ours, and holds nothing of what was sent. */
export class LiveKitFailure extends Error {
  /** Undefined where no answer came. */
  readonly status: number | undefined
  /** LiveKit's own word, such as `not_found`; undefined where it was not LiveKit that answered. */
  readonly code: string | undefined
  /** Where it has too many requests, when to come again. */
  readonly retryAfterSeconds: number | undefined

  constructor(message: string, { status, code, retryAfterSeconds }: Partial<LiveKitFailure> = {}) {
    super(message)
    this.name = 'LiveKitFailure'
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

const maxTextLength = 200
/** Longer words are not LiveKit's own, and take long to be searched for what must not be repeated. */
const maxReadLength = 16 * 1024
const maxRetryAfterSeconds = 60
/** A token, or a part of one, however it is written. LiveKit's words are shorter. */
const longWord = /[\w.~%+/=-]{16,}/g

/** Seconds, or a date. Where it is neither, a second; where it is far away, a minute, because nobody waits for longer. */
function retryAfter(text = ''): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000)
  return Math.min(Math.max(seconds || 1, 1), maxRetryAfterSeconds)
}

/** All that Twirp has. Any other word may be a text of what was sent. */
const codes = new Set(
  `aborted already_exists bad_route canceled dataloss deadline_exceeded failed_precondition internal invalid_argument malformed
   not_found out_of_range permission_denied resource_exhausted unauthenticated unavailable unimplemented unknown`.split(
    /\s+/,
  ),
)

function codeIn(text: string): string | undefined {
  try {
    const { code } = JSON.parse(text)
    return codes.has(code) ? code : undefined
  } catch {
    return undefined
  }
}

/** `sent`: whether the question held what no log may have, so that no word of the answer is told. */
type ToFailure = (error: unknown, sent: { isPrivate: boolean }) => LiveKitFailure | AnswerTooLarge

/** Makes our error of whatever a call was rejected with. `secrets` are never repeated, whatever they look like. */
export function createFailures(secrets: string[]): ToFailure {
  const withoutSecrets = (text: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[removed]'), text).slice(0, maxTextLength)

  function withoutTokens(text: string): string {
    if (text.length > maxReadLength) return `${text.length} characters`
    return withoutSecrets(text.replaceAll(longWord, '[removed]').replaceAll(/\s+/g, ' '))
  }

  return (error, { isPrivate }) => {
    if (error instanceof AnswerTooLarge || error instanceof LiveKitFailure) return error
    if (error instanceof Refusal) {
      const { status, message } = error
      const retryAfterSeconds = status === 429 ? retryAfter(error.retryAfter) : undefined
      const code = codeIn(message)
      const words = isPrivate ? code : withoutTokens(message)
      const text = `LiveKit answered ${status}${words === undefined ? '' : `: ${words}`}`
      return new LiveKitFailure(text, { status, code, retryAfterSeconds })
    }
    // Node would quote its first characters.
    if (error instanceof SyntaxError) return new LiveKitFailure('what LiveKit answered is no JSON')
    const { code, message } = error as NodeJS.ErrnoException
    // With a code it is Node's, and names the host. Without one it may quote what LiveKit answered.
    if (code) return new LiveKitFailure(`${code}: ${withoutSecrets(message)}`)
    return new LiveKitFailure(isPrivate ? 'what LiveKit answered cannot be read' : withoutTokens(message))
  }
}
