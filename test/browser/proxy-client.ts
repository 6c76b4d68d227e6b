// Requests to a backend proxy, as a page or anybody else sends them.

export function proxyClient(proxyUrl: string) {
  async function request(path: string, init: RequestInit = {}) {
    const response = await fetch(new URL(path, proxyUrl), init)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
  }

  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

  return { request, post }
}

/** The ticket that came with a session. */
export const cookieOf = (headers: Headers) => ({ Cookie: headers.get('set-cookie')?.split(';')[0] ?? '' })

export const sessionPath = (roomName: string) => `/api/voice/sessions/${roomName}`
