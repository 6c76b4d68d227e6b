// A session to which a test sends LiveKit's events.
import { sql } from 'kysely'
import { build, rooms } from './helper.ts'
import { sendLiveKitEvent } from './livekit-events.ts'

/** A service with one session that began so many seconds ago. */
export async function withSession(t: Parameters<typeof build>[0], secondsAgo = 0) {
  const service = await build(t)
  const { json } = await service.create()
  const name: string = json.room_name
  await sql`UPDATE voice_sessions SET created_at = created_at - make_interval(secs => ${secondsAgo})`.execute(
    service.db,
  )
  const [room] = await rooms.listRooms([name])
  const send = (event: string, more = {}) =>
    sendLiveKitEvent(service.request, { event, room: { name, sid: room?.sid ?? '' }, ...more })
  const session = async () => (await service.get(`/v1/chat/voice-sessions/${name}`)).json
  return { service, name, send, session }
}
