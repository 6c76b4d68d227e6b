// Whoever starts a session gets a ticket for it, a cookie that only the session's own address is sent, and only its holder
// may look at the session or end it: the API key in here could end everybody's. Nothing has to be kept for that, so it
// also works with many backends side by side, as long as they share the key.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'

const COOKIE = 'voice_ticket'
const MAX_AGE_MS = 24 * 60 * 60 * 1000

export function ticketOffice(secret: string) {
  // Derived, so that a cookie says nothing about the key itself.
  const ticketKey = createHmac('sha256', secret).update('voice session tickets').digest()
  const ticketOf = (roomName: string) => createHmac('sha256', ticketKey).update(roomName).digest('base64url')

  function issue(res: Response, roomName: string): void {
    const path = `/api/voice/sessions/${roomName}`
    const { secure } = res.req
    res.cookie(COOKIE, ticketOf(roomName), { path, httpOnly: true, sameSite: 'strict', secure, maxAge: MAX_AGE_MS })
  }

  const require: RequestHandler<{ room_name: string }> = (req, res, next) => {
    if (equal(cookieOf(req), ticketOf(req.params.room_name))) next()
    else res.status(404).json({ detail: 'Voice session not found' })
  }

  return { issue, require }
}

function cookieOf(req: Request<{ room_name: string }>): string {
  const [, value = ''] = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(req.get('Cookie') ?? '') ?? []
  return value
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
