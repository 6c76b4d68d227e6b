// A cursor of listVoiceSessions: where a page ends. It is the room name in base64url, as in earlier versions, then `=` and the time
// of creation. A replica of an earlier version reads it up to the `=`.
import type { Place } from '../repositories/session-place.ts'

const cursorPattern = /^([\w-]+)(?:=(\d{1,16}))?$/
const roomNamePattern = /^agent_[\w.-]{1,200}$/

export const formatCursor = ({ room_name, created_at_us }: Place): string =>
  `${Buffer.from(room_name).toString('base64url')}=${created_at_us}`

/** The place that a cursor names, without its time where an earlier version gave it out; undefined where it is no cursor. */
export function parseCursor(cursor: string): { room_name: string; created_at_us: number | undefined } | undefined {
  const [, name, microseconds] = cursorPattern.exec(cursor) ?? []
  const room_name = Buffer.from(name ?? '', 'base64url').toString()
  if (!roomNamePattern.test(room_name)) return undefined
  return { room_name, created_at_us: microseconds === undefined ? undefined : Number(microseconds) }
}
