// Receives events: verifies each, keeps it, answers at once, and does its work once, however often it comes.
import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'
import type { VoiceSession } from './generated/index.js'

const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? '')
/** The ids of what has come. In production: a table of yours, in which the id is unique. */
const known = new Set<string>()

function work(type: string, session: VoiceSession): void {
  console.log(`${type} ${session.room_name} ${session.credits_charged}`)
}

const server = createServer(async (request, response) => {
  // The exact bytes are signed, not what they mean.
  const body = Buffer.concat(await request.toArray()).toString()
  try {
    webhook.verify(body, request.headers as Record<string, string>)
  } catch {
    console.log('not verified')
    return response.writeHead(401).end()
  }
  const { id, type, data } = JSON.parse(body)
  const isNew = !known.has(id)
  known.add(id)
  response.writeHead(204).end()
  // A type that nobody here knows is answered all the same.
  if (isNew && type === 'call.ended') work(type, data)
  if (!isNew) console.log(`again ${type}`)
})
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'))
