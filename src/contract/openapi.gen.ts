// GENERATED from openapi.yaml by `npm run generate`: do not edit.

import { type Static, Type } from '@sinclair/typebox'

export const Metadata = Type.Unsafe<Record<string, string>>({
  type: 'object',
  description:
    'What the agent is to know of a call: at most 50 texts, each with a name of 1 to 40 of the characters A-Z, a-z, 0-9, `_`,\n`.` and `-`; as compact JSON at most 8 KiB (8,192 bytes). Texts hold neither U+0000 nor unpaired surrogates. An empty\nobject counts as absent. The name `__proto__` is dropped, as everywhere in a body.\n',
  maxProperties: 50,
  additionalProperties: { type: 'string', maxLength: 500 },
  examples: [{ name: 'Ana', order: '427' }],
})

export type Metadata = Static<typeof Metadata>

export const CreateVoiceSessionRequest = Type.Object(
  {
    agent_id: Type.String({
      description: 'Agent ID (must be Pipeline or Realtime architecture).',
      pattern: '\\S',
      examples: ['5b710eca-ee67-4c3a-aeb6-8b541f451b40'],
    }),
    metadata: Type.Optional(Metadata),
    user_identifier: Type.Optional(
      Type.String({
        description:
          'Your own name for the person who speaks, 1 to 256 characters without control characters. The identity in the\nroom stays the user id of the key.\n',
        minLength: 1,
        maxLength: 256,
        examples: ['customer-427'],
      }),
    ),
  },
  { description: 'The agent to call, and what it is to know of the call.' },
)

export type CreateVoiceSessionRequest = Static<typeof CreateVoiceSessionRequest>

export const VoiceSessionConnection = Type.Object(
  {
    room_name: Type.String({
      description: 'LiveKit room name (parse to get agent_id), `agent_{agent_id}_{user_id}_{timestamp}`.',
      pattern: '^agent_([0-9a-f-]{36})_([A-Za-z0-9._-]{1,128})_(\\d{13})$',
      examples: ['agent_5b710eca-ee67-4c3a-aeb6-8b541f451b40_user123_1705312800000'],
    }),
    token: Type.String({
      description: 'LiveKit participant token (1 hour expiry).',
      minLength: 1,
      examples: ['eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...'],
    }),
    livekit_url: Type.String({
      description: 'LiveKit WebSocket URL.',
      pattern: '^wss?://',
      examples: ['wss://your-instance.livekit.cloud'],
    }),
    agent_name: Type.String({ description: 'Display name of the agent.', minLength: 1, examples: ['Support Agent'] }),
  },
  { description: 'All that a LiveKit client needs to join the call.', additionalProperties: false },
)

export type VoiceSessionConnection = Static<typeof VoiceSessionConnection>

export const VoiceSessionStatus = Type.Unsafe<'creating' | 'active' | 'ended'>({
  type: 'string',
  description:
    '`creating` until LiveKit has made the room, `active` until the call has ended and is settled, then `ended`.\n',
  enum: ['creating', 'active', 'ended'],
  examples: ['active'],
})

export type VoiceSessionStatus = Static<typeof VoiceSessionStatus>

export const VoiceSession = Type.Object(
  {
    room_name: Type.String({
      description: 'LiveKit room name; the id of the session.',
      examples: ['agent_5b710eca-ee67-4c3a-aeb6-8b541f451b40_user123_1705312800000'],
    }),
    agent_id: Type.String({
      description: 'The agent that was called.',
      format: 'uuid',
      examples: ['5b710eca-ee67-4c3a-aeb6-8b541f451b40'],
    }),
    agent_name: Type.String({
      description: 'Display name of the agent when the session was created.',
      examples: ['Support Agent'],
    }),
    agent_version: Type.Optional(
      Type.Integer({
        description: "The agent's version when the session was created. Absent in sessions of before 0.2.0.",
        minimum: 1,
        examples: [3],
      }),
    ),
    user_id: Type.String({
      description: "The user whose key created the session; the caller's identity in the room.",
      examples: ['user123'],
    }),
    user_identifier: Type.Optional(
      Type.String({
        description: 'The `user_identifier` that the session was created with. Absent where there was none.',
        examples: ['customer-427'],
      }),
    ),
    metadata: Type.Optional(Metadata),
    status: VoiceSessionStatus,
    created_at: Type.String({
      description: 'When the session was created.',
      format: 'date-time',
      examples: ['2024-01-15T10:00:00.000Z'],
    }),
    caller_joined_at: Type.Optional(
      Type.String({
        description: 'When the caller was first present in the room, with media connected or a track published.',
        format: 'date-time',
        examples: ['2024-01-15T10:00:01.200Z'],
      }),
    ),
    agent_joined_at: Type.Optional(
      Type.String({
        description: 'When the agent was first present in the room.',
        format: 'date-time',
        examples: ['2024-01-15T10:00:00.600Z'],
      }),
    ),
    ended_at: Type.Optional(
      Type.String({
        description: 'When the call ended. Never before the session was created or somebody joined.',
        format: 'date-time',
        examples: ['2024-01-15T10:01:31.000Z'],
      }),
    ),
    end_reason: Type.Optional(
      Type.String({
        description:
          "Why the session ended. `caller_left` and `ended_by_api` are the ordinary ends. `caller_never_joined`: nobody used\nthe token in time. `agent_unavailable`: no agent came, so the caller was released. `agent_left`: the agent went\nand did not come back. `ended_by_agent`: the room was deleted with LiveKit's key, as a rule by the agent.\n`credits_exhausted`, `max_duration`: the credits or the longest time allowed ran out.\n`track_too_large`: the caller published more than can be followed, such as a track with an endless name.\n`room_missing`: LiveKit lost the room. `create_failed`, `create_abandoned`: the room was not made. More may come:\ntreat one that you do not know like any other end.\n",
        examples: ['caller_left'],
      }),
    ),
    seconds_billed: Type.Optional(
      Type.Integer({
        description: 'Seconds in which caller and agent were both in the room, rounded up. From the end on.',
        minimum: 0,
        examples: [90],
      }),
    ),
    credits_per_minute: Type.Integer({
      description: 'The price of a started minute, as it was when the session was created.',
      minimum: 1,
      examples: [10],
    }),
    credits_held: Type.Optional(
      Type.Integer({ description: 'Credits reserved for the call. Until the end.', minimum: 1, examples: [10] }),
    ),
    credits_charged: Type.Optional(
      Type.Integer({
        description: 'What the call cost, the price of each started minute of `seconds_billed`. From the end on.',
        minimum: 0,
        examples: [20],
      }),
    ),
    credits_refunded: Type.Optional(
      Type.Integer({
        description: 'How many of `credits_charged` were given back. Absent where none were.',
        minimum: 1,
        examples: [5],
      }),
    ),
    request_id: Type.Optional(
      Type.String({
        description: 'The `X-Request-Id` of the request that created the session. Absent in sessions of before 0.2.0.',
        format: 'uuid',
        examples: ['0b8c7e6e-4f3a-4a56-9f1e-6f1d1c0a7a51'],
      }),
    ),
  },
  { description: 'A voice session. What does not apply yet, or does not any more, is absent.' },
)

export type VoiceSession = Static<typeof VoiceSession>

export const VoiceSessionList = Type.Object(
  {
    sessions: Type.Array(VoiceSession, { description: 'The sessions of this page.' }),
    next_cursor: Type.Optional(
      Type.String({
        description: 'Where the next page begins; absent on the last page.',
        examples: [
          'YWdlbnRfNWI3MTBlY2EtZWU2Ny00YzNhLWFlYjYtOGI1NDFmNDUxYjQwX3VzZXIxMjNfMTcwNTMxMjgwMDAwMA=1705312800000000',
        ],
      }),
    ),
  },
  { description: 'One page of voice sessions, newest first.' },
)

export type VoiceSessionList = Static<typeof VoiceSessionList>

export const Agent = Type.Object(
  {
    agent_id: Type.String({
      description: 'What createVoiceSession takes.',
      format: 'uuid',
      examples: ['5b710eca-ee67-4c3a-aeb6-8b541f451b40'],
    }),
    agent_name: Type.String({ description: 'Display name of the agent.', examples: ['Support Agent'] }),
    agent_version: Type.Integer({
      description: 'Counts the changes that the operator makes to the agent, from 1.',
      minimum: 1,
      examples: [3],
    }),
    architecture: Type.String({
      description:
        '`pipeline` and `realtime` agents can be called, `text` agents cannot. More may come: one that you do not know can\nbe called only if createVoiceSession says so.\n',
      examples: ['pipeline'],
    }),
    credits_per_minute: Type.Integer({
      description: 'What each started minute of a call costs. So many credits are needed to begin one.',
      minimum: 1,
      examples: [10],
    }),
    max_call_minutes: Type.Integer({
      description: 'After so many minutes of talk a call is ended, with `max_duration`.',
      minimum: 1,
      examples: [60],
    }),
  },
  { description: 'An agent of the organization.' },
)

export type Agent = Static<typeof Agent>

export const AgentList = Type.Object(
  {
    agents: Type.Array(Agent, { description: 'The agents of this page.' }),
    next_cursor: Type.Optional(
      Type.String({
        description: 'Where the next page begins; absent on the last page.',
        examples: ['NWI3MTBlY2EtZWU2Ny00YzNhLWFlYjYtOGI1NDFmNDUxYjQw=1705312800000000'],
      }),
    ),
  },
  { description: 'One page of agents, newest first.' },
)

export type AgentList = Static<typeof AgentList>

export const AgentJob = Type.Object(
  {
    agent_id: Type.String({
      description: 'Which agent to play.',
      format: 'uuid',
      examples: ['5b710eca-ee67-4c3a-aeb6-8b541f451b40'],
    }),
    agent_name: Type.String({
      description: 'Display name of the agent when the session was created.',
      examples: ['Support Agent'],
    }),
    architecture: Type.String({
      description: 'How the agent works, `pipeline` or `realtime`. More may come.',
      examples: ['pipeline'],
    }),
    agent_version: Type.Integer({
      description: "The agent's version when the session was created.",
      minimum: 1,
      examples: [3],
    }),
    organization_id: Type.String({
      description: 'The organization that pays.',
      format: 'uuid',
      examples: ['9d0a8c1e-2b7f-4a57-8f0e-3f1f5c7b2a10'],
    }),
    user_id: Type.String({ description: "The caller's identity in the room.", examples: ['user123'] }),
    room_name: Type.String({
      description: 'LiveKit room name; the id of the session.',
      examples: ['agent_5b710eca-ee67-4c3a-aeb6-8b541f451b40_user123_1705312800000'],
    }),
    max_call_minutes: Type.Integer({
      description: 'After so many minutes of talk the call is ended.',
      minimum: 1,
      examples: [60],
    }),
    config: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({
        type: 'object',
        description:
          "What the agent's owner configured, as it is. Absent where there is nothing. Where a repeat of the request had to\nfinish what an earlier one began, it may be newer than `agent_version`.\n",
        additionalProperties: true,
        examples: [{ instructions: 'Greet the caller by name.', voice: 'alloy' }],
      }),
    ),
    metadata: Type.Optional(Metadata),
    user_identifier: Type.Optional(
      Type.String({
        description: "The create's own name for the person who speaks. Absent where it gave none.",
        examples: ['customer-427'],
      }),
    ),
    traceparent: Type.Optional(
      Type.String({
        description: 'The W3C Trace Context of the request that created the session. Absent where it had none.',
        examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
      }),
    ),
  },
  {
    description:
      'What a worker is told of the call that it is sent into: the metadata of its LiveKit dispatch, as JSON. No operation\nanswers with it. Ignore fields that you do not know.\n',
    examples: [
      {
        agent_id: '5b710eca-ee67-4c3a-aeb6-8b541f451b40',
        agent_name: 'Support Agent',
        architecture: 'pipeline',
        agent_version: 3,
        organization_id: '9d0a8c1e-2b7f-4a57-8f0e-3f1f5c7b2a10',
        user_id: 'user123',
        room_name: 'agent_5b710eca-ee67-4c3a-aeb6-8b541f451b40_user123_1705312800000',
        max_call_minutes: 60,
        config: { instructions: 'Greet the caller by name.', voice: 'alloy' },
        metadata: { name: 'Ana', order: '427' },
        user_identifier: 'customer-427',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    ],
  },
)

export type AgentJob = Static<typeof AgentJob>

export const Credits = Type.Object(
  {
    available: Type.Integer({ description: 'Credits that new calls can spend.', minimum: 0, examples: [480] }),
    held: Type.Integer({
      description: 'Credits that open sessions hold; what they do not use comes back.',
      minimum: 0,
      examples: [20],
    }),
    open_sessions: Type.Integer({ description: 'Sessions that are not ended.', minimum: 0, examples: [2] }),
    max_sessions: Type.Integer({
      description:
        'How many sessions may be open at once. One more is refused with 429 `Too many concurrent sessions`.',
      minimum: 0,
      examples: [100],
    }),
  },
  { description: "An organization's credits, and the sessions that hold them." },
)

export type Credits = Static<typeof Credits>

export const CallEvent = Type.Object(
  {
    id: Type.String({
      description: "The event's id, the same for all endpoints and on every attempt. Ignore one that you have had.",
      examples: ['evt_5f3a9c1e7b2d4f6081a2b3c4d5e6f708'],
    }),
    type: Type.String({
      description: '`call.started`, `call.ended` or `call.failed`. More may come.\n',
      pattern: '^call\\.',
      examples: ['call.ended'],
    }),
    created: Type.String({
      description: 'When it happened.',
      format: 'date-time',
      examples: ['2024-01-15T10:01:31.080Z'],
    }),
    organization_id: Type.String({
      description: 'Whose event it is.',
      format: 'uuid',
      examples: ['9d0a8c1e-2b7f-4a57-8f0e-3f1f5c7b2a10'],
    }),
    data: VoiceSession,
  },
  { description: 'Something has happened to a call.' },
)

export type CallEvent = Static<typeof CallEvent>

export const CreditEvent = Type.Object(
  {
    id: Type.String({
      description: "The event's id, the same for all endpoints and on every attempt. Ignore one that you have had.",
      examples: ['evt_13579bdf02468ace13579bdf02468ace'],
    }),
    type: Type.String({
      description: '`credit.low` or `credit.depleted`. More may come.\n',
      pattern: '^credit\\.',
      examples: ['credit.low'],
    }),
    created: Type.String({
      description: 'When it happened.',
      format: 'date-time',
      examples: ['2024-01-15T10:01:31.080Z'],
    }),
    organization_id: Type.String({
      description: 'Whose event it is.',
      format: 'uuid',
      examples: ['9d0a8c1e-2b7f-4a57-8f0e-3f1f5c7b2a10'],
    }),
    data: Credits,
  },
  { description: "Something has happened to the organization's credits." },
)

export type CreditEvent = Static<typeof CreditEvent>

export const TestEvent = Type.Object(
  {
    id: Type.String({
      description: "The event's id, the same for all endpoints and on every attempt. Ignore one that you have had.",
      examples: ['evt_00112233445566778899aabbccddeeff'],
    }),
    type: Type.String({
      description: '`webhook.test`. More may come.\n',
      pattern: '^webhook\\.',
      examples: ['webhook.test'],
    }),
    created: Type.String({
      description: 'When it happened.',
      format: 'date-time',
      examples: ['2024-01-15T10:01:31.080Z'],
    }),
    organization_id: Type.String({
      description: 'Whose event it is.',
      format: 'uuid',
      examples: ['9d0a8c1e-2b7f-4a57-8f0e-3f1f5c7b2a10'],
    }),
    data: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      description: 'Nothing, so far.',
      additionalProperties: true,
      examples: [{}],
    }),
  },
  { description: 'An endpoint was tested.' },
)

export type TestEvent = Static<typeof TestEvent>

export const Event = Type.Unsafe<CallEvent | CreditEvent | TestEvent>({
  description:
    'An event, as it is sent to webhook endpoints. `type` says which one it is. Ignore types that you do not know.\n',
  oneOf: [CallEvent, CreditEvent, TestEvent],
})

export type Event = Static<typeof Event>

export const EventList = Type.Object(
  {
    events: Type.Array(Event, { description: 'The events of this page.' }),
    next_cursor: Type.Optional(
      Type.String({
        description: 'Where the next page begins; absent on the last page.',
        examples: ['ZXZ0XzVmM2E5YzFlN2IyZDRmNjA4MWEyYjNjNGQ1ZTZmNzA4=1705312891080000'],
      }),
    ),
  },
  { description: 'One page of events, newest first.' },
)

export type EventList = Static<typeof EventList>

export const UsageGroupBy = Type.Unsafe<'day' | 'agent' | 'user_identifier'>({
  type: 'string',
  description:
    'What a row of usage is for: a `day` in UTC, an `agent`, or a person by the `user_identifier` of the create.\n',
  enum: ['day', 'agent', 'user_identifier'],
  examples: ['day'],
})

export type UsageGroupBy = Static<typeof UsageGroupBy>

export const UsageRow = Type.Object(
  {
    day: Type.Optional(Type.String({ description: 'The day in UTC.', format: 'date', examples: ['2024-01-15'] })),
    agent_id: Type.Optional(
      Type.String({
        description: 'The agent that was called.',
        format: 'uuid',
        examples: ['5b710eca-ee67-4c3a-aeb6-8b541f451b40'],
      }),
    ),
    agent_name: Type.Optional(
      Type.String({ description: 'Display name of the agent as it is now.', examples: ['Support Agent'] }),
    ),
    user_identifier: Type.Optional(
      Type.String({
        description:
          'The `user_identifier` of the create. Absent in the last row, which is for the calls that have none.\n',
        examples: ['customer-427'],
      }),
    ),
    calls: Type.Integer({
      description: 'Sessions that ended, also those that cost nothing.',
      format: 'int64',
      minimum: 1,
      examples: [12],
    }),
    calls_charged: Type.Integer({
      description: 'Those of them that cost something.',
      format: 'int64',
      minimum: 0,
      examples: [10],
    }),
    seconds_billed: Type.Integer({
      description: 'The sum of their `seconds_billed`.',
      format: 'int64',
      minimum: 0,
      examples: [1834],
    }),
    credits_charged: Type.Integer({
      description: 'The sum of their `credits_charged`.',
      format: 'int64',
      minimum: 0,
      examples: [370],
    }),
    credits_refunded: Type.Integer({
      description:
        'The sum of their `credits_refunded`, whenever these were given back. It is not taken off `credits_charged`.',
      format: 'int64',
      minimum: 0,
      examples: [5],
    }),
  },
  {
    description:
      'What the calls of one day, agent or person came to. Of the first four fields only those are there that the rows are\ngrouped by.\n',
  },
)

export type UsageRow = Static<typeof UsageRow>

export const Usage = Type.Object(
  {
    from: Type.String({ description: 'The first day, as it was asked for.', format: 'date', examples: ['2024-01-01'] }),
    to: Type.String({
      description: 'The day after the last one, as it was asked for.',
      format: 'date',
      examples: ['2024-02-01'],
    }),
    group_by: UsageGroupBy,
    rows: Type.Array(UsageRow, { description: 'The rows of this page. What had no calls has none.' }),
    open_calls: Type.Integer({
      description:
        'Sessions that were created before `to` and are not settled yet. Once `to` has passed, 0 says that no call is missing.\n',
      minimum: 0,
      examples: [0],
    }),
    next_cursor: Type.Optional(
      Type.String({
        description: 'Where the next page begins; absent on the last page.',
        examples: ['MjAyNC0wMS0xNQ'],
      }),
    ),
  },
  {
    description:
      "One page of usage, ascending by the day, the agent's id or the person's name, which is compared byte by byte.",
  },
)

export type Usage = Static<typeof Usage>

export const ErrorCode = Type.String({
  description:
    'Names the refusal, one code for each sentence. More may come: where you do not know it, go by the status.\n',
  examples: [
    'agent_id_required',
    'invalid_metadata',
    'invalid_user_identifier',
    'agent_not_voice',
    'invalid_json',
    'invalid_idempotency_key',
    'invalid_limit',
    'invalid_status',
    'invalid_created_after',
    'invalid_created_before',
    'invalid_from',
    'invalid_to',
    'invalid_group_by',
    'invalid_type',
    'invalid_cursor',
    'malformed_request',
    'invalid_api_key',
    'insufficient_credits',
    'agent_not_found',
    'session_not_found',
    'not_found',
    'method_not_allowed',
    'request_timeout',
    'idempotency_key_in_use',
    'body_too_large',
    'unsupported_media_type',
    'idempotency_key_reused',
    'rate_limit_exceeded',
    'too_many_sessions',
    'headers_too_large',
    'internal_error',
    'livekit_failed',
    'service_unavailable',
  ],
})

export type ErrorCode = Static<typeof ErrorCode>

export const ErrorResponse = Type.Object(
  {
    detail: Type.String({
      description: 'One sentence for people. It is stable, and never carries internals.',
      minLength: 1,
      examples: ['Agent ID is required'],
    }),
  },
  { description: 'Why the request was refused.', additionalProperties: false },
)

export type ErrorResponse = Static<typeof ErrorResponse>

export const createVoiceSession = {
  method: 'POST',
  url: '/v1/chat/voice-sessions',
  security: [{ ApiKey: [] }],
  schema: {
    headers: Type.Object({
      'idempotency-key': Type.Optional(
        Type.String({ pattern: '^[!-~]{1,255}$', examples: ['2f0e7c1a-7b0e-4c0e-9d0f-5a8a8c1c0f4e'] }),
      ),
    }),
    body: CreateVoiceSessionRequest,
    response: {
      '200': VoiceSessionConnection,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '402': ErrorResponse,
      '404': ErrorResponse,
      '408': ErrorResponse,
      '409': ErrorResponse,
      '413': ErrorResponse,
      '415': ErrorResponse,
      '422': ErrorResponse,
      '429': ErrorResponse,
      '431': ErrorResponse,
      '500': ErrorResponse,
      '503': ErrorResponse,
      default: ErrorResponse,
    },
  },
} as const

export const listVoiceSessions = {
  method: 'GET',
  url: '/v1/chat/voice-sessions',
  security: [{ ApiKey: [] }],
  schema: {
    querystring: Type.Object({
      status: Type.Optional(VoiceSessionStatus),
      agent_id: Type.Optional(Type.String({ examples: ['5b710eca-ee67-4c3a-aeb6-8b541f451b40'] })),
      user_identifier: Type.Optional(Type.String({ examples: ['customer-427'] })),
      created_after: Type.Optional(Type.String({ format: 'date-time', examples: ['2024-01-15T10:00:00Z'] })),
      created_before: Type.Optional(Type.String({ format: 'date-time', examples: ['2024-01-16T10:00:00Z'] })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
      cursor: Type.Optional(
        Type.String({
          examples: [
            'YWdlbnRfNWI3MTBlY2EtZWU2Ny00YzNhLWFlYjYtOGI1NDFmNDUxYjQwX3VzZXIxMjNfMTcwNTMxMjgwMDAwMA=1705312800000000',
          ],
        }),
      ),
    }),
    response: {
      '200': VoiceSessionList,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '408': ErrorResponse,
      '429': ErrorResponse,
      '431': ErrorResponse,
      '500': ErrorResponse,
      '503': ErrorResponse,
      default: ErrorResponse,
    },
  },
} as const

export const getVoiceSession = {
  method: 'GET',
  url: '/v1/chat/voice-sessions/:room_name',
  security: [{ ApiKey: [] }],
  schema: {
    params: Type.Object({ room_name: Type.String() }),
    response: {
      '200': VoiceSession,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '404': ErrorResponse,
      '408': ErrorResponse,
      '429': ErrorResponse,
      '431': ErrorResponse,
      '500': ErrorResponse,
      '503': ErrorResponse,
      default: ErrorResponse,
    },
  },
} as const

export const endVoiceSession = {
  method: 'DELETE',
  url: '/v1/chat/voice-sessions/:room_name',
  security: [{ ApiKey: [] }],
  schema: {
    params: Type.Object({ room_name: Type.String() }),
    response: {
      '200': VoiceSession,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '404': ErrorResponse,
      '408': ErrorResponse,
      '413': ErrorResponse,
      '415': ErrorResponse,
      '429': ErrorResponse,
      '431': ErrorResponse,
      '500': ErrorResponse,
      '503': ErrorResponse,
      default: ErrorResponse,
    },
  },
} as const

export const listAgents = {
  method: 'GET',
  url: '/v1/agents',
  security: [{ ApiKey: [] }],
  schema: {
    querystring: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
      cursor: Type.Optional(
        Type.String({ examples: ['NWI3MTBlY2EtZWU2Ny00YzNhLWFlYjYtOGI1NDFmNDUxYjQw=1705312800000000'] }),
      ),
    }),
    response: {
      '200': AgentList,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '408': ErrorResponse,
      '429': ErrorResponse,
      '431': ErrorResponse,
      '500': ErrorResponse,
      '503': ErrorResponse,
      default: ErrorResponse,
    },
  },
} as const

export const getAgent = {
  method: 'GET',
  url: '/v1/agents/:agent_id',
  security: [{ ApiKey: [] }],
  schema: {
    params: Type.Object({ agent_id: Type.String() }),
    response: {
      '200': Agent,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '404': ErrorResponse,
      '408': ErrorResponse,
      '429': ErrorResponse,
      '431': ErrorResponse,
      '500': ErrorResponse,
      '503': ErrorResponse,
      default: ErrorResponse,
    },
  },
} as const

export const getCredits = {
  method: 'GET',
  url: '/v1/credits',
  security: [{ ApiKey: [] }],
  schema: {
    response: {
      '200': Credits,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '408': ErrorResponse,
      '429': ErrorResponse,
      '431': ErrorResponse,
      '500': ErrorResponse,
      '503': ErrorResponse,
      default: ErrorResponse,
    },
  },
} as const

export const getUsage = {
  method: 'GET',
  url: '/v1/usage',
  security: [{ ApiKey: [] }],
  schema: {
    querystring: Type.Object({
      from: Type.String({ format: 'date' }),
      to: Type.String({ format: 'date' }),
      group_by: Type.Optional(UsageGroupBy),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 100 })),
      cursor: Type.Optional(Type.String({ examples: ['MjAyNC0wMS0xNQ'] })),
    }),
    response: {
      '200': Usage,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '408': ErrorResponse,
      '429': ErrorResponse,
      '431': ErrorResponse,
      '500': ErrorResponse,
      '503': ErrorResponse,
      default: ErrorResponse,
    },
  },
} as const

export const listEvents = {
  method: 'GET',
  url: '/v1/events',
  security: [{ ApiKey: [] }],
  schema: {
    querystring: Type.Object({
      type: Type.Optional(Type.String({ minLength: 1, examples: ['call.ended'] })),
      created_after: Type.Optional(Type.String({ format: 'date-time', examples: ['2024-01-15T10:00:00Z'] })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
      cursor: Type.Optional(
        Type.String({ examples: ['ZXZ0XzVmM2E5YzFlN2IyZDRmNjA4MWEyYjNjNGQ1ZTZmNzA4=1705312891080000'] }),
      ),
    }),
    response: {
      '200': EventList,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '408': ErrorResponse,
      '429': ErrorResponse,
      '431': ErrorResponse,
      '500': ErrorResponse,
      '503': ErrorResponse,
      default: ErrorResponse,
    },
  },
} as const
