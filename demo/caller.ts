// A caller without a browser: joins the room of a voice session, speaks a steady tone, and notices when the agent greets
// and when it says the tone back.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AudioSource, AudioStream, LocalAudioTrack, Room } from '@livekit/rtc-node'
import { rtc } from './rtc.ts'
import { GREETING_HZ, isAudible, isTone, SAMPLE_RATE_HZ, SPEECH_HZ, sine } from './tone.ts'

const FRAME_MS = 20
const SAMPLES_PER_FRAME = (SAMPLE_RATE_HZ * FRAME_MS) / 1000
/** So many frames in a row must carry a tone; a codec's click does not. */
const FRAMES_TO_BELIEVE = 5

/** What a caller needs of the answer of createVoiceSession. */
export interface CallerSession {
  livekit_url: string
  token: string
}

/** performance.now() of the first time each thing happened; absent while it has not. */
interface Heard {
  agentJoined?: number
  audio?: number
  greeting?: number
  echo?: number
  /** LiveKit ended the call: the room is gone, or somebody else joined under the same identity. */
  disconnected?: number
}

export interface Caller {
  heard: Heard
  leave(): Promise<void>
}

export interface CallResult {
  callerHeardAgent: boolean
  agentHeardCaller: boolean
  firstAgentAudioMs: number | undefined
  /** Why sound did not pass in both directions, one sentence; undefined when it did. */
  problem: string | undefined
}

/** Joins, and speaks until leave(). */
export async function joinAsCaller(session: CallerSession): Promise<Caller> {
  const heard: Heard = {}
  const room = new rtc.Room()
  room.on(rtc.RoomEvent.ParticipantConnected, ({ kind }) => {
    if (kind === rtc.ParticipantKind.AGENT) heard.agentJoined ??= performance.now()
  })
  room.on(rtc.RoomEvent.TrackSubscribed, (track, _publication, { kind }) => {
    if (track.kind !== rtc.TrackKind.KIND_AUDIO || kind !== rtc.ParticipantKind.AGENT) return
    heard.agentJoined ??= performance.now()
    const options = { sampleRate: SAMPLE_RATE_HZ, numChannels: 1, frameSizeMs: FRAME_MS }
    void listen(new rtc.AudioStream(track, options), heard)
  })
  room.on(rtc.RoomEvent.Disconnected, () => {
    heard.disconnected ??= performance.now()
  })
  await room.connect(session.livekit_url, session.token, { autoSubscribe: true, dynacast: false })
  const { source, track } = await publishMicrophone(room)
  let left = false
  const speaking = speak(source, () => !left && heard.disconnected === undefined)
  return {
    heard,
    async leave() {
      left = true
      await speaking
      await room.disconnect()
      await track.close()
    },
  }
}

/**
 * One whole call: joins, waits until both directions are proven, leaves.
 * @param startedAt performance.now() of the moment from which the first agent audio is counted
 */
export async function call(session: CallerSession, startedAt: number, timeoutMs = 30_000): Promise<CallResult> {
  const { heard, leave } = await joinAsCaller(session)
  const isProven = () => heard.greeting !== undefined && heard.echo !== undefined
  for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; await sleep(FRAME_MS)) {
    if (isProven() || heard.disconnected !== undefined) break
  }
  const problem = problemOf(heard, timeoutMs)
  await leave()
  return {
    callerHeardAgent: heard.greeting !== undefined,
    agentHeardCaller: heard.echo !== undefined,
    firstAgentAudioMs: heard.audio === undefined ? undefined : Math.round(heard.audio - startedAt),
    problem,
  }
}

/** Ends LiveKit's native threads, which keep a process alive. Once, after its last call: none can be made afterwards. */
export const endCalling = rtc.dispose

async function publishMicrophone(room: Room): Promise<{ source: AudioSource; track: LocalAudioTrack }> {
  const source = new rtc.AudioSource(SAMPLE_RATE_HZ, 1, 5 * FRAME_MS)
  const track = rtc.LocalAudioTrack.createAudioTrack('microphone', source)
  const options = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE })
  await room.localParticipant?.publishTrack(track, options)
  return { source, track }
}

async function speak(source: AudioSource, isInCall: () => boolean): Promise<void> {
  for (let sample = 0; isInCall(); sample += SAMPLES_PER_FRAME) {
    const samples = sine(SPEECH_HZ, sample, SAMPLES_PER_FRAME)
    await source.captureFrame(new rtc.AudioFrame(samples, SAMPLE_RATE_HZ, 1, SAMPLES_PER_FRAME))
  }
}

async function listen(stream: AudioStream, heard: Heard): Promise<void> {
  let greetingFrames = 0
  let echoFrames = 0
  for await (const { data } of stream) {
    if (isAudible(data)) heard.audio ??= performance.now()
    greetingFrames = isTone(data, GREETING_HZ) ? greetingFrames + 1 : 0
    echoFrames = isTone(data, SPEECH_HZ) ? echoFrames + 1 : 0
    if (greetingFrames === FRAMES_TO_BELIEVE) heard.greeting ??= performance.now()
    if (echoFrames === FRAMES_TO_BELIEVE) heard.echo ??= performance.now()
  }
}

function problemOf(heard: Heard, timeoutMs: number): string | undefined {
  const when = heard.disconnected === undefined ? `within ${timeoutMs / 1000} s` : 'before LiveKit ended the call'
  if (heard.agentJoined === undefined) return `no agent joined the room ${when}`
  if (heard.audio === undefined) return `an agent joined, but nothing was heard of it ${when}`
  if (heard.greeting === undefined) return `the agent was heard, but not its greeting tone, ${when}`
  if (heard.echo === undefined) return `the agent greeted, but did not say back what the caller said ${when}`
  return undefined
}
