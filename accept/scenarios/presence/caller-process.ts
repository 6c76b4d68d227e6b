// A caller in a process of its own, which can be frozen with its connections: `URL TOKEN`, or `URL TOKEN BYTES` for one whose track
// has a name of so many bytes. It joins when it gets SIGUSR2, so that nobody waits for the process to start.
import { joinAsCaller } from '../../../demo/caller.ts'
import { rtc } from '../../../demo/rtc.ts'
import { SAMPLE_RATE_HZ } from '../../../demo/tone.ts'

const [livekit_url = '', token = '', nameBytes] = process.argv.slice(2)

async function publishLargeTrack(bytes: number): Promise<void> {
  const room = new rtc.Room()
  await room.connect(livekit_url, token, { autoSubscribe: false, dynacast: false })
  const track = rtc.LocalAudioTrack.createAudioTrack('x'.repeat(bytes), new rtc.AudioSource(SAMPLE_RATE_HZ, 1))
  const options = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE })
  await room.localParticipant?.publishTrack(track, options)
}

process.once('SIGUSR2', () => {
  void (nameBytes ? publishLargeTrack(Number(nameBytes)) : joinAsCaller({ livekit_url, token }))
})
setInterval(() => {}, 1000)
process.stdout.write('ready\n')
