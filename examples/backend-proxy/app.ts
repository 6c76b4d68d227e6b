// The routes that a page with a "call" button needs. The API key stays in here; what the API answers goes through as it is.
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { apiClient, inWordsOf, passOn } from './api.ts'
import { notForOtherSites } from './other-sites.ts'
import { receiptOffice } from './receipts.ts'
import { ticketOffice } from './ticket.ts'
import { nameIn, refusedField } from './token-request.ts'

export interface ProxyOptions {
  /** Where the voice-sessions service is. */
  apiUrl: string
  apiKey: string
  /** Of the webhook endpoint with the URL of this backend's /webhooks/voice; undefined where there is none. */
  webhookSecret?: string | undefined
  /** Who is called when the page names nobody. */
  agentId: string
  /** Who can be picked on the page. */
  agents: { agent_id: string; name: string }[]
  /** The page's files. */
  pageDirectory: string
}

export function createApp(options: ProxyOptions): express.Express {
  const { apiUrl, apiKey, agentId, agents, pageDirectory } = options
  const api = apiClient(apiUrl, apiKey)
  const tickets = ticketOffice(apiKey)
  const receipts = receiptOffice(options.webhookSecret, api.session)
  const app = express()
  app.disable('x-powered-by')
  app.post('/webhooks/voice', receipts.receive)
  app.use('/api', notForOtherSites, notToBeStored)
  // A fetch() with a string as body and no Content-Type says text/plain, and means JSON all the same.
  app.use('/api', express.json({ type: () => true }))

  app.post('/api/voice/start', async (req, res) => {
    // The API takes null for absent in its fields; so does this.
    const { agent_id, name } = req.body ?? {}
    const answer = await api.start({ agentId: agent_id ?? agentId, name, idempotencyKey: req.get('Idempotency-Key') })
    if (answer.ok) tickets.issue(res, answer.body.room_name)
    passOn(inWordsOf('name', answer), res, 'Failed to start voice session')
  })

  app.get('/api/voice/sessions/:room_name', tickets.require, async (req, res) => {
    passOn(await api.session(req.params.room_name), res, 'Failed to read voice session')
  })

  // Answers when the call has ended.
  app.get('/api/voice/sessions/:room_name/receipt', tickets.require, receipts.wait)

  app.delete('/api/voice/sessions/:room_name', tickets.require, async (req, res) => {
    passOn(await api.end(req.params.room_name), res, 'Failed to end voice session')
  })

  app.get('/api/voice/credits', async (_req, res) => {
    passOn(await api.credits(), res, 'Failed to read credits')
  })

  // With what the API knows of each: its price, its limit, whether it has a voice.
  app.get('/api/voice/agents', async (_req, res) => {
    const answer = await api.agents()
    const known: { agent_id: string }[] = answer.ok ? answer.body.agents : []
    const knownOf = (id: string) => known.find(({ agent_id }) => agent_id === id.toLowerCase())
    res.json({ agents: agents.map((agent) => ({ ...knownOf(agent.agent_id), ...agent })) })
  })

  // The convention of LiveKit's TokenSource.endpoint: the same session in its words.
  app.post('/api/voice/token', async (req, res) => {
    const field = refusedField(req.body)
    if (field) return void res.status(400).json({ detail: `${field} cannot be chosen: this endpoint decides it` })
    const answer = await api.start({ agentId, name: nameIn(req.body) })
    if (!answer.ok) return passOn(inWordsOf('participant_name', answer), res, 'Failed to start voice session')
    const { room_name, livekit_url, token } = answer.body
    tickets.issue(res, room_name)
    res.status(201).json({ server_url: livekit_url, participant_token: token })
  })

  app.use('/api', (_req, res) => {
    res.status(404).json({ detail: 'Not found' })
  })
  app.use(pageHeaders, express.static(pageDirectory))
  app.use(failed)
  return app
}

/** The answers hold tokens. */
const notToBeStored: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}

const pageHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    // LiveKit's address is known only when a call begins.
    'Content-Security-Policy': "default-src 'self'; connect-src 'self' ws: wss: http: https:; frame-ancestors 'none'",
    'Permissions-Policy': 'microphone=(self), camera=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  })
  next()
}

/** A request that cannot be read has a status; anything else is our own fault and is not shown. */
const failed: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error)
  const status = error.status >= 400 && error.status < 500 ? error.status : 500
  if (status === 500) process.stderr.write(`${error.stack}\n`)
  res.status(status).json({ detail: status === 500 ? 'Internal server error' : 'Invalid request' })
}
