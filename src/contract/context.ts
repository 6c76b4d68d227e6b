// The context of a call, as createVoiceSession takes it. What its schema cannot say is judged here.
import type { CreateVoiceSessionRequest, Metadata } from './openapi.gen.ts'

const maxTexts = 50
const maxTextCharacters = 500
const maxMetadataBytes = 8192
const maxIdentifierCharacters = 256

const namePattern = /^[A-Za-z0-9_.-]{1,40}$/
const controlCharacter = /\p{Cc}/u
const unpairedSurrogate = /\p{Cs}/u
/** Of W3C Trace Context; an id of zeros alone is none. */
const traceparentPattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** A text of at most so many characters that JSON and PostgreSQL keep as it is. A surrogate pair is one character. */
const isText = (value: unknown, maxCharacters: number): value is string =>
  typeof value === 'string' &&
  !value.includes('\0') &&
  !unpairedSurrogate.test(value) &&
  [...value].length <= maxCharacters

export function isMetadata(value: unknown): value is Metadata {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const texts = Object.entries(value)
  return (
    texts.length <= maxTexts &&
    texts.every(([name, text]) => namePattern.test(name) && isText(text, maxTextCharacters)) &&
    Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes
  )
}

export const isUserIdentifier = (value: unknown): value is string =>
  isText(value, maxIdentifierCharacters) && value !== '' && !controlCharacter.test(value)

/** The context that a request gives, null where it gives none. */
export function contextOf({ metadata = {}, user_identifier }: CreateVoiceSessionRequest) {
  return { metadata: Object.keys(metadata).length > 0 ? metadata : null, user_identifier: user_identifier ?? null }
}

/** A `traceparent` header, null where there is none, or a malformed one. */
export const traceparentOf = (header: unknown): string | null =>
  typeof header === 'string' && traceparentPattern.test(header) ? header : null
