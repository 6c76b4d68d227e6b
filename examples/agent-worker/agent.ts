// What the agent does in one call: greets the caller with a short tone, then says back whatever it hears.
// A real agent puts speech recognition, a model and a voice in the place of greet() and echo().
import { defineAgent, type JobContext, log } from '@livekit/agents'
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  type RemoteParticipant,
  type RemoteTrack,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node'
import { agentJobOf } from './session.ts'

const SAMPLE_RATE_HZ = 48_000
const GREETING_HZ = 880
const GREETING_SECONDS = 0.6
/**
 * How long the agent waits for a caller who left. LiveKit closes the room 10 s after the caller, and the agent goes with
 * it; leaving by itself any earlier would make LiveKit count those 10 s anew.
 */
const RETURN_SECONDS = 30

export default defineAgent({
  prewarm: () => log().info('a process is ready for a call'),
  entry: async (job: JobContext) => {
    const { agent_id, agent_version, room_name, user_id } = agentJobOf(job.job.metadata, job.job.room?.name ?? '')
    // Not the metadata: it is about a person, and logs are kept.
    log().info({ agent_id, agent_version, room_name }, 'call')
    const isCaller = (participant: RemoteParticipant) => participant.identity === user_id
    const voice = new AudioSource(SAMPLE_RATE_HZ, 1)
    let greeted = false
    let goodbye: NodeJS.Timeout | undefined

    // "Subscribed" means that the caller's side is ready to play: a greeting before that would be lost.
    job.room.on(RoomEvent.LocalTrackSubscribed, async () => {
      await greet(voice)
      greeted = true
    })
    job.room.on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
      if (!isCaller(participant) || track.kind !== TrackKind.KIND_AUDIO) return
      echo(track, voice, () => greeted).catch((error) => log().warn({ error }, 'echo ended'))
    })
    job.room.on(RoomEvent.ParticipantConnected, (participant) => {
      if (isCaller(participant)) clearTimeout(goodbye)
    })
    job.room.on(RoomEvent.ParticipantDisconnected, async (participant) => {
      if (!isCaller(participant)) return
      goodbye = setTimeout(() => job.shutdown('the caller left'), RETURN_SECONDS * 1000)
      // LiveKit reports the first subscriber of a track only, so whoever comes back is offered a new track.
      greeted = false
      const [publication] = job.agent?.trackPublications.values() ?? []
      if (publication?.sid) await job.agent?.unpublishTrack(publication.sid)
      await publish(job, voice)
    })

    await job.connect()
    await publish(job, voice)
  },
})

async function publish(job: JobContext, voice: AudioSource): Promise<void> {
  const track = LocalAudioTrack.createAudioTrack('voice', voice)
  await job.agent?.publishTrack(track, new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }))
}

async function greet(voice: AudioSource): Promise<void> {
  const length = SAMPLE_RATE_HZ * GREETING_SECONDS
  const step = (2 * Math.PI * GREETING_HZ) / SAMPLE_RATE_HZ
  const samples = Int16Array.from({ length }, (_, index) => Math.round(10_000 * Math.sin(step * index)))
  await voice.captureFrame(new AudioFrame(samples, SAMPLE_RATE_HZ, 1, length))
  await voice.waitForPlayout()
}

async function echo(track: RemoteTrack, voice: AudioSource, mayStart: () => boolean): Promise<void> {
  for await (const frame of new AudioStream(track, { sampleRate: SAMPLE_RATE_HZ, numChannels: 1 })) {
    if (mayStart()) await voice.captureFrame(frame)
  }
}
