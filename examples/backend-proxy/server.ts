// The process: environment → app → listen.
import { join } from 'node:path'
import { createApp } from './app.ts'

function required(name: string): string {
  const value = process.env[name]
  if (!value) {
    process.stderr.write(`${name} is not set; README.md says which variables there are\n`)
    process.exit(1)
  }
  return value
}

const agentId = required('TALKIFAI_AGENT_ID')
const app = createApp({
  apiUrl: required('TALKIFAI_API_URL'),
  apiKey: required('TALKIFAI_API_KEY'),
  webhookSecret: process.env.TALKIFAI_WEBHOOK_SECRET || undefined,
  agentId,
  agents: JSON.parse(process.env.TALKIFAI_AGENTS || JSON.stringify([{ agent_id: agentId, name: 'Voice agent' }])),
  pageDirectory: process.env.PAGE_DIRECTORY || join(import.meta.dirname, '..', 'web', 'dist'),
})

const host = process.env.HOST || '127.0.0.1'
const port = Number(process.env.PORT || 8080)
const server = app.listen(port, host, (error) => {
  if (error) throw error
  const address = server.address()
  process.stdout.write(`http://${host}:${typeof address === 'object' ? address?.port : address}\n`)
})
