// A page with one call on it, and what to say when it cannot be made.
import { decodeTokenPayload, type Room, RoomEvent } from 'livekit-client'
import { useEffect, useRef, useState } from 'react'
import { voiceSessionTokens } from './token-source.ts'
import { endVoiceSession, joinSession, startVoiceSession, VoiceSessionError } from './voice-session.ts'

const tokens = voiceSessionTokens('/api/voice/token')

/** The two ways to a room: the session's own fields, or LiveKit's token-endpoint convention. */
const starts = {
  session: (agentId: string) => startVoiceSession(agentId),
  tokenSource: () =>
    joinSession(async () => {
      const { serverUrl, participantToken } = await tokens.fetch()
      const room_name = decodeTokenPayload(participantToken).video?.room as string
      return { room_name, livekit_url: serverUrl, token: participantToken }
    }),
}

export function App({ agentId }: { agentId: string }) {
  const [room, setRoom] = useState<Room>()
  const [isCalling, setIsCalling] = useState(false)
  const [message, setMessage] = useState('')
  const isGone = useRef(false)

  useEffect(() => {
    isGone.current = false
    return () => {
      isGone.current = true
    }
  }, [])

  // Clean up on disconnect, whoever hung up, and when this component goes
  useEffect(() => {
    if (!room) return
    const over = () => {
      setRoom(undefined)
      setMessage('The call is over.')
    }
    room.on(RoomEvent.Disconnected, over)
    return () => {
      room.off(RoomEvent.Disconnected, over)
      void endVoiceSession(room)
    }
  }, [room])

  async function call(way: keyof typeof starts) {
    setIsCalling(true)
    setMessage('Calling…')
    try {
      const joined = await starts[way](agentId)
      // This component went while the call was made: nobody else has the room
      if (isGone.current) return await endVoiceSession(joined)
      setRoom(joined)
      setMessage('You are in the call.')
    } catch (error) {
      setMessage(messageOf(error))
    } finally {
      setIsCalling(false)
    }
  }

  return (
    <main>
      <h1>A voice session in React</h1>
      {room ? (
        <button type="button" onClick={() => endVoiceSession(room)}>
          Hang up
        </button>
      ) : (
        <>
          <button type="button" disabled={isCalling} onClick={() => call('session')}>
            Call
          </button>
          <button type="button" disabled={isCalling} onClick={() => call('tokenSource')}>
            Call with a TokenSource
          </button>
        </>
      )}
      <p role="status">{message}</p>
    </main>
  )
}

function messageOf(error: unknown): string {
  const code = error instanceof VoiceSessionError ? error.code : undefined
  if (code === 'insufficient_credits') return 'There are no credits left for a call.'
  if (code === 'agent_not_found') return 'This agent does not exist.'
  return `The call failed: ${error instanceof Error ? error.message : error}`
}
