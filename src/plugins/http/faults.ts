// What is answered where Fastify is not reached: bytes that are not HTTP, requests that are too slow or whose headers are
// too large; and what becomes of paths that cannot be decoded.
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { HeadersTooLarge, MalformedHttpRequest, RequestTimeout } from '../../errors.ts'

/** Every answer: never cached, never sniffed, and with the id under which its request is in the log. */
export function answerHeaders(requestId: string): Record<string, string> {
  return { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': requestId }
}

const faults: Record<string, typeof MalformedHttpRequest> = {
  ERR_HTTP_REQUEST_TIMEOUT: RequestTimeout,
  HPE_HEADER_OVERFLOW: HeadersTooLarge,
}

type ClientErrorHandler = (this: FastifyInstance, error: NodeJS.ErrnoException, socket: Socket) => void

/**
 * Answers on the bare socket, Node's parser having given up on it. Which origin asked is not known then; where CORS is on, a
 * cache is told at least that it matters.
 */
export function createClientErrorHandler({ hasCors }: { hasCors: boolean }): ClientErrorHandler {
  return function answerClientError(error, socket) {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const fault = new (faults[String(error.code)] ?? MalformedHttpRequest)()
    const reqId = randomUUID()
    const body = JSON.stringify({ detail: fault.message })
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      connection: 'close',
      ...answerHeaders(reqId),
      ...(hasCors && { vary: 'Origin' }),
      ...fault.headers,
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const { statusCode } = fault
    socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
    this.log.info({ reqId, status: statusCode, detail: fault.message }, 'request')
  }
}

/** Where a URL goes that cannot be read; no route is there. */
export const malformedUrl = '//malformed'
/** Where a URL goes that names no path, as that of `OPTIONS *` or of CONNECT. The router would take it for `/`. */
const pathlessUrl = '//pathless'

/**
 * The URL to route. One that cannot be decoded, or is absolute and no URL, goes where no route is, and so does one without a
 * path: its refusal is then an answer like any other.
 */
export function routableUrl({ url = '/' }: { url?: string | undefined }): string {
  try {
    decodeURI(url.split('?', 1)[0] as string)
  } catch {
    return malformedUrl
  }
  if (url.startsWith('/')) return url
  if (!/^https?:/i.test(url)) return pathlessUrl
  return /^https?:\/\/[^/?#]/i.test(url) && URL.canParse(url) ? url : malformedUrl
}
