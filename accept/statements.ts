// What the service says to PostgreSQL and LiveKit at the moments that matter, for proxies to recognize.
export const statements = {
  findCaller: { part: 'postgres', pattern: /JOIN api_keys/ },
  findAgent: { part: 'postgres', pattern: /JOIN agents/ },
  hold: { part: 'postgres', pattern: /INSERT INTO voice_sessions/ },
  createRoom: { part: 'livekit', pattern: /RoomService\/CreateRoom/ },
  activate: { part: 'postgres', pattern: /SET status = 'active'/ },
  name: { part: 'postgres', pattern: /SET end_reason = / },
  deleteRoom: { part: 'livekit', pattern: /RoomService\/DeleteRoom/ },
  settle: { part: 'postgres', pattern: /SET status = 'ended'/ },
} as const
