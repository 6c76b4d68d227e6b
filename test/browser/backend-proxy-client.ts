// Requests to a backend proxy without a browser.
import { read } from '../answer.ts'

export function proxyClient(proxyUrl: string) {
  async function request(path: string, init: RequestInit = {}) {
    return read(await fetch(new URL(path, proxyUrl), init))
  }

  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

  return { request, post }
}

/** The header that sends back the cookie of an answer: who has it may see and end that session. */
export const cookieOf = (headers: Headers) => ({ Cookie: headers.get('set-cookie')?.split(';')[0] ?? '' })

export const sessionPath = (roomName: string) => `/api/voice/sessions/${roomName}`
