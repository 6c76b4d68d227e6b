// A voice session from the browser's side: started by your backend, joined with livekit-client.
import { createLocalAudioTrack, Room, RoomEvent, Track } from 'livekit-client'

/** The backend answered something else than a session; code is the API's (insufficient_credits, …), absent where it was not reached. */
export class VoiceSessionError extends Error {
  override readonly name = 'VoiceSessionError'
  readonly status: number
  readonly code: string | undefined

  constructor({ status, headers }: Response, message: string) {
    super(message)
    this.status = status
    this.code = headers.get('X-Error-Code') ?? undefined
  }
}

export interface Session {
  room_name: string
  livekit_url: string
  token: string
}

/** Keys whose session did not arrive: whoever calls again after a lost answer gets the same session, not a second one. */
const idempotencyKeys = new Map<string, string>()

export function startVoiceSession(agentId: string): Promise<Room> {
  return joinSession(async () => {
    const idempotencyKey = idempotencyKeys.get(agentId) ?? crypto.randomUUID()
    idempotencyKeys.set(agentId, idempotencyKey)
    // Get session from your backend
    const response = await fetch('/api/voice/start', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
      body: JSON.stringify({ agent_id: agentId }),
    })
    const data = await response.json()
    // fetch() does not throw on these by itself
    if (!response.ok) throw new VoiceSessionError(response, data.detail ?? data.error)
    idempotencyKeys.delete(agentId)
    return data
  })
}

/** Asks for the microphone and then for the session, connects, plays the agent and publishes the microphone. */
export async function joinSession(getSession: () => Promise<Session>): Promise<Room> {
  // First: who refuses the microphone makes no session
  const localTrack = await createLocalAudioTrack()
  const room = new Room({ adaptiveStream: true, dynacast: true })

  // Handle room events. Before connect(): an agent that is there already is announced while it runs.
  room.on(RoomEvent.ParticipantConnected, (participant) => {
    console.log('Participant connected:', participant.identity)
  })
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind === Track.Kind.Audio) {
      // Play agent audio
      document.body.appendChild(track.attach())
    }
  })
  room.on(RoomEvent.Disconnected, removeAudioElements)

  let roomName: string | undefined
  try {
    const session = await getSession()
    roomName = session.room_name
    // Connect to LiveKit room
    await room.connect(session.livekit_url, session.token)

    // Publish local audio track
    await room.localParticipant.publishTrack(localTrack)
  } catch (error) {
    localTrack.stop()
    await endVoiceSession(room, roomName).catch(() => {})
    throw error
  }

  return room
}

/**
 * Disconnect when done
 * @param roomName the session's; a room that was never connected does not know it
 */
export async function endVoiceSession(room: Room, roomName = room.name): Promise<void> {
  await room.disconnect()
  // Clean up audio elements
  removeAudioElements()
  // Ends the call for the agent, too, without waiting whether we come back; a repeat changes nothing
  if (roomName) await fetch(`/api/voice/sessions/${roomName}`, { method: 'DELETE' })
}

function removeAudioElements(): void {
  document.querySelectorAll('audio').forEach((element) => {
    element.remove()
  })
}
