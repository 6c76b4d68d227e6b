// What is answered where no route is reached: bytes that are not HTTP, requests that are too slow or whose headers are too
// large, and paths that cannot be decoded.
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HeadersTooLarge, MalformedHttpRequest, RequestTimeout } from './errors.ts'

/** Every answer: never cached, never sniffed, and with the id under which its request is in the log. */
export function answerHeaders(requestId: string): Record<string, string> {
  return { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': requestId }
}

const faults: Record<string, typeof MalformedHttpRequest> = {
  ERR_HTTP_REQUEST_TIMEOUT: RequestTimeout,
  HPE_HEADER_OVERFLOW: HeadersTooLarge,
}

/** Answers on the bare socket, Node's parser having given up on it. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const fault = new (faults[error.code ?? ''] ?? MalformedHttpRequest)()
  const body = JSON.stringify({ detail: fault.message })
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...answerHeaders(randomUUID()),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const { statusCode } = fault
  socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** Answers a request whose path Fastify cannot decode; no hook has run for it. */
export function answerBadPath(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode, message } = new MalformedHttpRequest()
  reply.code(statusCode).headers(answerHeaders(request.id)).send({ detail: message })
}
