// One call in LiveKit's room: the caller's microphone goes in, the agent's voice comes out.
import {
  ConnectionState,
  DisconnectReason,
  type LocalAudioTrack,
  ParticipantKind,
  RemoteAudioTrack,
  type RemoteParticipant,
  Room,
  RoomEvent,
} from 'livekit-client'
import type { Session } from './backend.ts'
import { createLevelMeter, type LevelMeter } from './level.ts'

/** LiveKit's own words for an end that somebody wanted. */
const ENDED: unknown[] = [
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.ROOM_CLOSED,
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.DUPLICATE_IDENTITY,
]

export interface CallListener {
  /** The agent is in the room and can be heard. */
  agentCame(): void
  agentWent(): void
  reconnecting(): void
  reconnected(agentIsThere: boolean): void
  /** The browser wants a click before it plays sound. */
  soundBlocked(isBlocked: boolean): void
  /** Over, and not because we left: somebody ended it, or LiveKit could not be reached any more. */
  ended(how: 'ended' | 'lost'): void
}

export interface Call {
  levels(): { agent: number; caller: number }
  mute(isMuted: boolean): Promise<unknown>
  /** Has to be called by a click. */
  unblockSound(): Promise<void>
  /** Once, also when it has ended already. */
  leave(): Promise<void>
}

export async function joinCall(session: Session, microphone: LocalAudioTrack, listener: CallListener): Promise<Call> {
  const room = new Room()
  const caller = createLevelMeter(microphone)
  let agent: LevelMeter | undefined

  const cleanUp = () => {
    agent?.close()
    agent = undefined
    caller.close()
    microphone.stop()
    for (const element of document.querySelectorAll('audio')) element.remove()
  }
  const isAgent = ({ kind }: RemoteParticipant) => kind === ParticipantKind.AGENT

  // Before connect(): an agent that is in the room already is announced while it runs.
  room
    .on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
      if (!(track instanceof RemoteAudioTrack) || !isAgent(participant)) return
      document.body.append(track.attach())
      agent?.close()
      agent = createLevelMeter(track)
      listener.agentCame()
    })
    .on(RoomEvent.TrackUnsubscribed, (track) => {
      for (const element of track.detach()) element.remove()
    })
    .on(RoomEvent.ParticipantDisconnected, (participant) => {
      if (isAgent(participant)) listener.agentWent()
    })
    .on(RoomEvent.SignalReconnecting, listener.reconnecting)
    .on(RoomEvent.Reconnecting, listener.reconnecting)
    .on(RoomEvent.Reconnected, () => listener.reconnected([...room.remoteParticipants.values()].some(isAgent)))
    .on(RoomEvent.AudioPlaybackStatusChanged, () => listener.soundBlocked(!room.canPlaybackAudio))
    .on(RoomEvent.Disconnected, (reason) => listener.ended(ENDED.includes(reason) ? 'ended' : 'lost'))

  try {
    await room.connect(session.livekit_url, session.token)
    await room.localParticipant.publishTrack(microphone)
  } catch (error) {
    room.removeAllListeners()
    await room.disconnect()
    cleanUp()
    throw error
  }

  return {
    levels: () => ({ agent: agent?.read() ?? 0, caller: caller.read() }),
    mute: (isMuted) => (isMuted ? microphone.mute() : microphone.unmute()),
    unblockSound: () => room.startAudio(),
    async leave() {
      room.removeAllListeners()
      cleanUp()
      if (room.state !== ConnectionState.Disconnected) await room.disconnect()
    },
  }
}
