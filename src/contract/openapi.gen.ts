// GENERATED from openapi.yaml by `npm run generate`: do not edit.

import { type Static, Type } from '@sinclair/typebox'

export const CreateVoiceSessionRequest = Type.Object(
  {
    agent_id: Type.String({
      description: 'Agent ID (must be Pipeline or Realtime architecture).',
      pattern: '\\S',
      examples: ['5b710eca-ee67-4c3a-aeb6-8b541f451b40'],
    }),
  },
  { description: 'The agent to call.' },
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
    body: CreateVoiceSessionRequest,
    response: {
      '200': VoiceSessionConnection,
      '400': ErrorResponse,
      '401': ErrorResponse,
      '402': ErrorResponse,
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
