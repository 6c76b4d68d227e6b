// Answers as the tests judge them, to the byte, and requests that only a bare socket can send.
import { connect } from 'node:net'
import type { Test } from 'tap'
import { codeOf } from './document.ts'

export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export interface Answer {
  status: number
  headers: Headers
  /** The exact bytes, as text. */
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer is judged by what the test expects of it
  json: any
}

export async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== ''
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
}

const transportHeaders = ['connection', 'keep-alive', 'date', 'content-length']

/** What an answer has beyond the headers that every answer has; those are checked. */
export function ownHeaders(t: Test, headers: Headers): Record<string, string> {
  const always = {
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  }
  const { 'x-request-id': id, ...rest } = Object.fromEntries(headers)
  t.match(id, uuidPattern, 'X-Request-Id is ours')
  for (const [name, value] of Object.entries(always)) t.equal(rest[name], value, name)
  return Object.fromEntries(
    Object.entries(rest).filter(([name]) => !(name in always || transportHeaders.includes(name))),
  )
}

/** LiveKit's own path is not in the document. */
const undocumented: Record<string, string> = { 'Invalid webhook signature': 'invalid_webhook_signature' }

/** The answer is this refusal, to the byte; its headers, code and a rate limit's numbers apart, are exactly these. */
export function refused(t: Test, answer: Answer, status: number, detail: string, headers: Record<string, string> = {}) {
  t.equal(answer.status, status, `status ${status}`)
  t.equal(answer.text, `{"detail":"${detail}"}`, detail)
  const own = Object.entries(ownHeaders(t, answer.headers))
  const code = codeOf(detail) ?? undocumented[detail]
  const expected = { 'x-error-code': code, ...headers }
  t.strictSame(Object.fromEntries(own.filter(([name]) => !name.startsWith('x-ratelimit-'))), expected, 'headers')
}

/** Sends these exact bytes on a socket of its own; resolves with all that came back when the service has closed it. */
export async function exchange(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  let answer = ''
  for await (const data of socket) answer += data
  return answer
}

/** The bytes of a createVoiceSession, for a bare socket. */
export function rawCreate(key: string, body: string, headers: string[] = []): string {
  const lines = ['POST /v1/chat/voice-sessions HTTP/1.1', 'Host: test', 'Content-Type: application/json']
  const length = headers.some((header) => /^content-length|^transfer-encoding/i.test(header))
  if (!length) lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  return `${[...lines, `X-API-Key: ${key}`, ...headers].join('\r\n')}\r\n\r\n${body}`
}
