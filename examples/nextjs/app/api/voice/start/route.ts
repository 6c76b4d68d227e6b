// Starts a voice session for the page. The API key stays in here; what the API answers goes through as it is.
import { NextResponse } from 'next/server'

const TIMEOUT_MS = 10_000
/** What a page can use of the API's headers: why it was refused, when to try again, and what to quote when something is wrong. */
const HEADERS = ['X-Error-Code', 'Retry-After', 'X-Request-Id']

export async function POST(request: Request) {
  if (isFromOtherSite(request.headers)) {
    return NextResponse.json({ detail: 'Not from other sites' }, { status: 403 })
  }
  // What is not JSON is left to the API to refuse.
  const body = await request.json().catch(() => null)
  const idempotencyKey = request.headers.get('Idempotency-Key')

  try {
    const response = await fetch(`${variable('TALKIFAI_API_URL')}/v1/chat/voice-sessions`, {
      method: 'POST',
      headers: {
        'X-API-Key': variable('TALKIFAI_API_KEY'),
        'Content-Type': 'application/json',
        ...(idempotencyKey !== null && { 'Idempotency-Key': idempotencyKey }),
      },
      body: JSON.stringify({ agent_id: body?.agent_id }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const data = await response.json()

    // The answer holds a token.
    const headers = new Headers({ 'Cache-Control': 'no-store' })
    for (const name of HEADERS) {
      const value = response.headers.get(name)
      if (value !== null) headers.set(name, value)
    }
    return NextResponse.json(data, { status: response.status, headers })
  } catch (error) {
    console.error('POST /api/voice/start:', error)
    return NextResponse.json({ error: 'Failed to start voice session' }, { status: 500 })
  }
}

/**
 * Another site's page must not call on our account. Browsers say where a request comes from; apps and servers do not.
 * Sec-Fetch-Site is left out by older browsers, and by all of them on a page without https: Origin is there all the same.
 */
function isFromOtherSite(headers: Headers): boolean {
  const site = headers.get('Sec-Fetch-Site')
  if (site !== null) return site === 'cross-site' || site === 'same-site'
  const origin = headers.get('Origin')
  if (origin === null) return false
  // "null" is what a sandboxed frame says.
  return !URL.canParse(origin) || new URL(origin).host !== headers.get('Host')
}

/** Read at each request, and not when the application is built. */
function variable(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}
