// A row as a document: each shape that a session can have is exactly what the contract says, and nothing is null.
import { Ajv } from 'ajv'
import ajvFormats from 'ajv-formats'
import t from 'tap'
import { VoiceSession } from '../src/contract/openapi.gen.ts'
import { toVoiceSession } from '../src/contract/voice-session.ts'
import { endReasons } from '../src/lifecycle.ts'
import type { Session } from '../src/repositories/voice-sessions.ts'

const ajv = new Ajv({ strict: false })
ajvFormats.default(ajv)
/** No other fields either: the document lets clients meet new ones, but we add none by accident. */
const isVoiceSession = ajv.compile({ ...VoiceSession, additionalProperties: false })

const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 12, 0, second))
const creating: Session = {
  room_name: 'agent_5b710eca-ee67-4c3a-aeb6-8b541f451b40_user123_1705312800000',
  agent_id: '5b710eca-ee67-4c3a-aeb6-8b541f451b40',
  agent_name: 'Support Agent',
  agent_version: 3,
  user_id: 'user123',
  user_identifier: null,
  metadata: null,
  status: 'creating',
  created_at: at(0),
  caller_joined_at: null,
  agent_joined_at: null,
  ended_at: null,
  end_reason: null,
  rate: 10,
  held: 10,
  charged: null,
  seconds_billed: null,
  refunded: 0,
  request_id: '0b8c7e6e-4f3a-4a56-9f1e-6f1d1c0a7a51',
}
const talking: Session = { ...creating, status: 'active', caller_joined_at: at(2), agent_joined_at: at(1), held: 60 }
const ending: Session = { ...talking, ended_at: at(9), end_reason: 'ended_by_api' }
const ended: Session = { ...ending, status: 'ended', charged: 0, seconds_billed: 0 }

const identity = {
  room_name: creating.room_name,
  agent_id: creating.agent_id,
  agent_name: 'Support Agent',
  agent_version: 3,
  user_id: 'user123',
  created_at: '2030-01-01T12:00:00.000Z',
  credits_per_minute: 10,
  request_id: '0b8c7e6e-4f3a-4a56-9f1e-6f1d1c0a7a51',
}
const context = { user_identifier: 'customer-427', metadata: { name: 'Ana', order: '427' } }
const { agent_version: _version, request_id: _request, ...older } = identity
const joined = { caller_joined_at: '2030-01-01T12:00:02.000Z', agent_joined_at: '2030-01-01T12:00:01.000Z' }

const rows: [sentence: string, session: Session, document: object][] = [
  ['nobody has joined yet', creating, { ...identity, status: 'creating', credits_held: 10 }],
  [
    'the context is shown',
    { ...creating, ...context },
    { ...identity, ...context, status: 'creating', credits_held: 10 },
  ],
  [
    'of an older session version and request are not known',
    { ...creating, agent_version: null, request_id: null },
    { ...older, status: 'creating', credits_held: 10 },
  ],
  ['caller and agent are there', talking, { ...identity, ...joined, status: 'active', credits_held: 60 }],
  [
    'a verdict is not shown before it is carried out',
    ending,
    { ...identity, ...joined, status: 'active', credits_held: 60 },
  ],
  [
    'an ended session shows its zeros',
    ended,
    {
      ...identity,
      ...joined,
      status: 'ended',
      ended_at: '2030-01-01T12:00:09.000Z',
      end_reason: 'ended_by_api',
      seconds_billed: 0,
      credits_charged: 0,
    },
  ],
]

for (const [sentence, session, document] of rows) {
  t.test(sentence, async (t) => {
    const shown = toVoiceSession(session)
    t.strictSame(shown, document)
    t.ok(isVoiceSession(shown), JSON.stringify(isVoiceSession.errors))
  })
}

t.test('the contract describes exactly the reasons that the service knows, and says that more may come', async (t) => {
  const { description, type, enum: closed } = VoiceSession.properties.end_reason as Record<string, unknown>
  t.strictSame({ type, closed }, { type: 'string', closed: undefined }, 'an open text')
  const described = [...String(description).matchAll(/`(\w+)`/g)].map(([, reason]) => String(reason))
  t.strictSame(described.sort(), [...endReasons].sort())
  t.match(description, /More may come/)
})
