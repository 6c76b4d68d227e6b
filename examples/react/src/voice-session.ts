// A voice session from the browser's side: started by your backend, joined with livekit-client.
import { createLocalAudioTrack, Room, RoomEvent, Track } from 'livekit-client'

/** The backend answered something else than a session; status is what the API answered (402, 404, …). */
export class VoiceSessionError extends Error {
  override readonly name = 'VoiceSessionError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export async function startVoiceSession(agentId: string): Promise<Room> {
  // Get session from your backend
  const response = await fetch('/api/voice/start', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ agent_id: agentId }),
  })
  const data = await response.json()
  // fetch() does not throw on these by itself
  if (!response.ok) throw new VoiceSessionError(response.status, data.detail ?? data.error)

  return joinRoom(data.livekit_url, data.token)
}

/** Connects, plays the agent and publishes the microphone. */
export async function joinRoom(livekitUrl: string, token: string): Promise<Room> {
  // Before connect(): without a microphone nobody joins, and a session that nobody joined costs nothing
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

  try {
    // Connect to LiveKit room
    await room.connect(livekitUrl, token)

    // Publish local audio track
    await room.localParticipant.publishTrack(localTrack)
  } catch (error) {
    localTrack.stop()
    await endVoiceSession(room)
    throw error
  }

  return room
}

/** Disconnect when done */
export async function endVoiceSession(room: Room): Promise<void> {
  const roomName = room.name
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
