// Receives webhooks on http://localhost:9000, verifies each, and prints what it is told. Elsewhere it needs: npm install standardwebhooks
import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'

const { WEBHOOK_SECRET = '', PORT = '9000' } = process.env
const webhook = new Webhook(WEBHOOK_SECRET)

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString() // as it came, before JSON is parsed
  try {
    const { type, data } = webhook.verify(body, request.headers)
    console.log(`verified: ${type}`, data)
    response.writeHead(204).end()
  } catch (error) {
    console.log(`refused: ${error.message}`)
    response.writeHead(400).end()
  }
}).listen(Number(PORT), 'localhost', () => console.log(`waiting on http://localhost:${PORT}`))
