// Receipts without asking for them: the service tells of each call that has ended, and who started it hears of it at once. The page
// holds a connection open for that (Server-Sent Events), and nobody asks again and again.
import { EventEmitter } from 'node:events'
import express, { type RequestHandler, type Response } from 'express'
import { Webhook } from 'standardwebhooks'
import type { ApiAnswer } from './api.ts'

/** What is between the page and this backend cuts off a connection on which nothing comes. */
const BEAT_MS = 15_000
/** When a page asks again that cannot be told. */
const RETRY_MS = 2000

interface Session {
  room_name: string
  status: string
}

/** @param secret of the webhook endpoint whose URL is /webhooks/voice here; without it a page asks every two seconds */
export function receiptOffice(secret: string | undefined, read: (roomName: string) => Promise<ApiAnswer>) {
  const webhook = secret === undefined ? undefined : new Webhook(secret)
  const ended = new EventEmitter().setMaxListeners(0)

  /** The same event may come twice, and does no harm then: the receipt is the same. */
  const receive: RequestHandler = (req, res) => {
    try {
      if (!webhook) return void res.status(404).end()
      webhook.verify(req.body, req.headers as Record<string, string>)
    } catch {
      return void res.status(401).end()
    }
    // Whatever its type is, it is not to be sent again.
    res.status(204).end()
    const { type, data } = JSON.parse(req.body)
    if (type === 'call.ended') ended.emit(data.room_name, data)
  }

  function send(res: Response, session: Session): void {
    res.end(`event: ended\ndata: ${JSON.stringify(session)}\n\n`)
  }

  const wait: RequestHandler<{ room_name: string }> = async (req, res) => {
    const { room_name } = req.params
    const tell = (session: Session) => send(res, session)
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }).flushHeaders()
    res.write(`retry: ${RETRY_MS}\n\n`)
    // Before it is asked: it may end in between.
    ended.once(room_name, tell)
    const beat = setInterval(() => res.write(':\n\n'), BEAT_MS)
    res.on('close', () => {
      clearInterval(beat)
      ended.off(room_name, tell)
    })
    const { ok, body } = await read(room_name)
    if (res.writableEnded) return
    if (ok && body.status === 'ended') send(res, body)
    else if (!webhook || !ok) res.end()
  }

  return { receive: [express.text({ type: () => true }), receive], wait }
}
