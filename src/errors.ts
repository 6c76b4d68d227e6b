// The error catalogue: every status, code and sentence that the service answers with, one line each. Throw one of these; the
// error plugin turns it into `{"detail": sentence}` with the code in `X-Error-Code`. A `cause` is for the log and never leaves.

export class PublicError extends Error {
  readonly statusCode: number
  readonly code: string
  /** All that the answer has beyond those of every answer. */
  readonly headers: Readonly<Record<string, string>>

  constructor(statusCode: number, code: string, detail: string, headers: Record<string, string>, cause?: ErrorOptions) {
    super(detail, cause)
    this.name = 'PublicError'
    this.statusCode = statusCode
    this.code = code
    this.headers = { 'x-error-code': code, ...headers }
  }
}

type Options = ErrorOptions & { headers?: Record<string, string> }

/** A code is never a word that is also an `end_reason`: generated clients have one constant for each word. */
function define(statusCode: number, code: string, detail: string, headers: Record<string, string> = {}) {
  return class extends PublicError {
    constructor(options: Options = {}) {
      super(statusCode, code, detail, { ...headers, ...options.headers }, options)
    }
  }
}

/** In seconds, after which a repeat can succeed. */
const retryAfter = (seconds: number) => ({ 'retry-after': String(seconds) })

export const AgentIdRequired = define(400, 'agent_id_required', 'Agent ID is required')
export const InvalidMetadata = define(
  400,
  'invalid_metadata',
  'metadata must be an object of at most 50 texts of at most 500 characters, 8 KiB in all',
)
export const InvalidUserIdentifier = define(
  400,
  'invalid_user_identifier',
  'user_identifier must be 1 to 256 characters',
)
export const AgentHasNoVoice = define(
  400,
  'agent_not_voice',
  'Agent must be Pipeline or Realtime architecture for voice sessions',
)
export const InvalidJsonBody = define(400, 'invalid_json', 'Invalid JSON body')
export const InvalidIdempotencyKey = define(
  400,
  'invalid_idempotency_key',
  'Idempotency-Key must be 1 to 255 visible ASCII characters',
)
export const InvalidLimit = define(400, 'invalid_limit', 'limit must be an integer from 1 to 100')
export const InvalidStatus = define(400, 'invalid_status', 'status must be creating, active or ended')
export const InvalidCreatedAfter = define(
  400,
  'invalid_created_after',
  'created_after must be a date and time such as 2024-01-15T10:00:00Z',
)
export const InvalidCreatedBefore = define(
  400,
  'invalid_created_before',
  'created_before must be a date and time such as 2024-01-15T10:00:00Z',
)
export const InvalidFrom = define(400, 'invalid_from', 'from must be a date such as 2024-01-15')
export const InvalidTo = define(
  400,
  'invalid_to',
  'to must be a date such as 2024-01-15, after from and at most 366 days later',
)
export const InvalidGroupBy = define(400, 'invalid_group_by', 'group_by must be day, agent or user_identifier')
export const InvalidType = define(400, 'invalid_type', 'type must be one type of event, such as call.ended')
export const InvalidCursor = define(400, 'invalid_cursor', 'Invalid cursor')
export const MalformedHttpRequest = define(400, 'malformed_request', 'Malformed HTTP request')
export const InvalidApiKey = define(401, 'invalid_api_key', 'Invalid API key', {
  'www-authenticate': 'ApiKey realm="voice-sessions"',
})
export const InvalidLiveKitEvent = define(401, 'invalid_webhook_signature', 'Invalid webhook signature')
export const InsufficientCredits = define(402, 'insufficient_credits', 'Insufficient credits')
export const AgentNotFound = define(404, 'agent_not_found', 'Agent not found or does not belong to your organization')
export const SessionNotFound = define(404, 'session_not_found', 'Voice session not found')
export const NotFound = define(404, 'not_found', 'Not found')
export const MethodNotAllowed = define(405, 'method_not_allowed', 'Method not allowed')
export const RequestTimeout = define(408, 'request_timeout', 'Request timeout')
export const RequestInProgress = define(
  409,
  'idempotency_key_in_use',
  'A request with this Idempotency-Key is still in progress',
  retryAfter(1),
)
export const BodyTooLarge = define(413, 'body_too_large', 'Request body too large')
export const UnsupportedMediaType = define(415, 'unsupported_media_type', 'Content-Type must be application/json')
export const IdempotencyKeyReused = define(
  422,
  'idempotency_key_reused',
  'Idempotency-Key was already used with a different request',
)
export const RateLimitExceeded = define(429, 'rate_limit_exceeded', 'Rate limit exceeded')
export const TooManySessions = define(429, 'too_many_sessions', 'Too many concurrent sessions', retryAfter(5))
export const HeadersTooLarge = define(431, 'headers_too_large', 'Request headers too large')
export const InternalServerError = define(500, 'internal_error', 'Internal server error')
export const LiveKitFailed = define(500, 'livekit_failed', 'Failed to create voice session: LiveKit connection failed')
export const ServiceUnavailable = define(503, 'service_unavailable', 'Service temporarily unavailable', retryAfter(1))

/** None of ours: what LiveKit would answer is longer than is read. Whoever asked decides what that means. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
}
