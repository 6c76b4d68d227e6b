// The stack that tutorials teach, fairly written: Express, pg, and the LiveKit SDK's createRoom and createDispatch. It reads
// key, agent and credits, writes nothing, and holds nothing: two requests at once can spend the same last credits.
import { createHash, randomUUID } from 'node:crypto'
import express from 'express'
import { AccessToken, AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk'
import pg from 'pg'

const { PORT, DATABASE_URL, LIVEKIT_AGENT_NAME = '' } = process.env
const LIVEKIT_URL = process.env.LIVEKIT_URL as string
const LIVEKIT_API_KEY = process.env.LIVEKIT_API_KEY as string
const LIVEKIT_API_SECRET = process.env.LIVEKIT_API_SECRET as string

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET)
const dispatches = new AgentDispatchClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET)
const app = express()
app.use(express.json())

app.post('/voice-sessions', async (request, response) => {
  const hash = createHash('sha256')
    .update(request.get('x-api-key') ?? '')
    .digest()
  const { rows: keys } = await pool.query(
    'SELECT organization_id, user_id FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL',
    [hash],
  )
  if (!keys[0]) return response.status(401).json({ detail: 'Invalid API key' })
  const { organization_id, user_id } = keys[0]

  const { rows: agents } = await pool.query(
    'SELECT id, name, architecture FROM agents WHERE id = $1 AND organization_id = $2 AND deleted_at IS NULL',
    [request.body.agent_id, organization_id],
  )
  if (!agents[0]) return response.status(404).json({ detail: 'Agent not found' })
  const { id: agent_id, name: agent_name, architecture } = agents[0]
  if (architecture === 'text') return response.status(400).json({ detail: 'Agent has no voice' })

  const { rows: organizations } = await pool.query('SELECT credits FROM organizations WHERE id = $1', [organization_id])
  if (Number(organizations[0].credits) <= 0) return response.status(402).json({ detail: 'Insufficient credits' })

  const room_name = `agent_${agent_id}_${user_id}_${randomUUID()}`
  const metadata = JSON.stringify({ agent_id, organization_id, user_id, room_name })
  await rooms.createRoom({ name: room_name, emptyTimeout: 60, departureTimeout: 10, maxParticipants: 1 })
  await dispatches.createDispatch(room_name, LIVEKIT_AGENT_NAME, { metadata })

  const token = new AccessToken(LIVEKIT_API_KEY, LIVEKIT_API_SECRET, { identity: user_id, ttl: '1h' })
  token.addGrant({ room: room_name, roomJoin: true, canPublish: true, canSubscribe: true })
  return response.json({ room_name, token: await token.toJwt(), livekit_url: LIVEKIT_URL, agent_name })
})

app.listen(Number(PORT), '127.0.0.1')
