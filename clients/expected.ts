// What the clients must print: what each call shows, and the line that says so.

type Lines = [title: string, line: string][]

export const refusals: Lines = [
  ['401', '401 invalid_api_key'],
  ['402', '402 insufficient_credits'],
  ['404', '404 agent_not_found'],
]

/** As openapi.yaml shows it, in part. */
export const agentJob = {
  agent_name: 'Support Agent',
  agent_version: 3,
  user_identifier: 'customer-427',
  metadata: { order: '427' },
}

export const expectedOfGenerated = (roomName: string): Lines => [
  ['200', `200 ${roomName}`],
  ['idempotent replay', `200 ${roomName} replayed`],
  ['a session is read, with what was said of the call', `200 ${roomName} active customer-427 Ana 427`],
  ['a session is ended', `200 ${roomName} ended ended_by_api`],
  ['usage is added up', '200 agent 1 1 0'],
  ['events are listed', `200 call.ended ${roomName}`],
  ...refusals,
]

/** Go reads the metadata of a worker's dispatch, too. */
export const expectedOfGo = (roomName: string): Lines => [
  ...expectedOfGenerated(roomName).slice(0, -refusals.length),
  ['the metadata of a dispatch is read', 'Support Agent 3 customer-427 427'],
  ...refusals,
]
