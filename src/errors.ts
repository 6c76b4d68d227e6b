// The error catalogue: every status and sentence that the service answers with, one line each. Throw one of these; the
// error plugin turns it into `{"detail": sentence}`. A `cause` is for the log and never leaves.

export class PublicError extends Error {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>

  constructor(statusCode: number, detail: string, headers: Record<string, string>, options?: ErrorOptions) {
    super(detail, options)
    this.name = 'PublicError'
    this.statusCode = statusCode
    this.headers = headers
  }
}

type Options = ErrorOptions & { headers?: Record<string, string> }

function define(statusCode: number, detail: string, headers: Record<string, string> = {}) {
  return class extends PublicError {
    constructor(options: Options = {}) {
      super(statusCode, detail, { ...headers, ...options.headers }, options)
    }
  }
}

export const AgentIdRequired = define(400, 'Agent ID is required')
export const AgentHasNoVoice = define(400, 'Agent must be Pipeline or Realtime architecture for voice sessions')
export const InvalidMetadata = define(
  400,
  'metadata must be an object of at most 50 texts of at most 500 characters, 8 KiB in all',
)
export const InvalidUserIdentifier = define(400, 'user_identifier must be 1 to 256 characters')
export const InvalidJsonBody = define(400, 'Invalid JSON body')
export const InvalidIdempotencyKey = define(400, 'Idempotency-Key must be 1 to 255 visible ASCII characters')
export const InvalidLimit = define(400, 'limit must be an integer from 1 to 100')
export const InvalidStatus = define(400, 'status must be creating, active or ended')
export const InvalidCreatedAfter = define(400, 'created_after must be a date and time such as 2024-01-15T10:00:00Z')
export const InvalidCreatedBefore = define(400, 'created_before must be a date and time such as 2024-01-15T10:00:00Z')
export const InvalidCursor = define(400, 'Invalid cursor')
export const MalformedHttpRequest = define(400, 'Malformed HTTP request')
export const InvalidApiKey = define(401, 'Invalid API key', { 'www-authenticate': 'ApiKey realm="voice-sessions"' })
export const InvalidWebhook = define(401, 'Invalid webhook signature')
export const InsufficientCredits = define(402, 'Insufficient credits')
export const AgentNotFound = define(404, 'Agent not found or does not belong to your organization')
export const SessionNotFound = define(404, 'Voice session not found')
export const NotFound = define(404, 'Not found')
export const MethodNotAllowed = define(405, 'Method not allowed')
export const RequestTimeout = define(408, 'Request timeout')
export const RequestInProgress = define(409, 'A request with this Idempotency-Key is still in progress', {
  'retry-after': '1',
})
export const BodyTooLarge = define(413, 'Request body too large')
export const UnsupportedMediaType = define(415, 'Content-Type must be application/json')
export const IdempotencyKeyReused = define(422, 'Idempotency-Key was already used with a different request')
export const RateLimitExceeded = define(429, 'Rate limit exceeded')
export const TooManySessions = define(429, 'Too many concurrent sessions', { 'retry-after': '5' })
export const HeadersTooLarge = define(431, 'Request headers too large')
export const InternalServerError = define(500, 'Internal server error')
export const LiveKitFailed = define(500, 'Failed to create voice session: LiveKit connection failed')
export const ServiceUnavailable = define(503, 'Service temporarily unavailable', { 'retry-after': '1' })

/** None of ours: what LiveKit would answer is longer than is read. Whoever asked decides what that means. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
}
