// What LiveKit's API answers instead of what was asked for, as errors that carry no secret.

/** What LiveKit answered instead of a 200. `code` is its own, such as `not_found`. */
export class LiveKitRefusal extends Error {
  readonly status: number
  readonly code: string | undefined
  readonly retryAfter: string | undefined

  constructor(message: string, status: number, code: string | undefined, retryAfter: string | undefined) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** The answer was longer than it may be, and was not read to its end. */
export class AnswerTooLarge extends Error {}

/** LiveKit repeats a token that it does not accept; so may whatever stands before it. */
const withoutTokens = (text: string) => text.replaceAll(/[\w-]{8,}\.[\w-]{8,}\.[\w-]+/g, '[token]').slice(0, 200)

export function refusalOf(
  method: string,
  status: number,
  text: string,
  retryAfter: string | undefined,
): LiveKitRefusal {
  let code: string | undefined
  try {
    code = JSON.parse(text).code
  } catch {}
  const known = /^\w{1,40}$/.test(code ?? '') ? code : undefined
  return new LiveKitRefusal(`${method} answered ${status}: ${withoutTokens(text)}`, status, known, retryAfter)
}
