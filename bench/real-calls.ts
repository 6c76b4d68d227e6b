// Real calls, with as little work in them as a call can have: all their callers and agents are in this process.
import { setTimeout as sleep } from 'node:timers/promises'
import { enter } from '../accept/scenarios/presence/enter.ts'
import { rtc } from '../demo/rtc.ts'
import { until } from '../test/until.ts'
import { startIdleWorker } from './assignment.ts'
import { createRequest, inTurn } from './contestants.ts'
import type { Side } from './live-side.ts'
import { ask } from './load.ts'
import type { Parts } from './parts.ts'

type Room = InstanceType<typeof rtc.Room>

const agentWithin = 30_000
const maxFailures = 5

/** A camera that sends no picture, and nobody watches: a silent microphone alone takes a fortieth of a core. */
async function publish(room: Room): Promise<void> {
  const track = rtc.LocalVideoTrack.createVideoTrack('camera', new rtc.VideoSource(16, 16))
  const options = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_CAMERA, simulcast: false })
  await room.localParticipant?.publishTrack(track, options)
}

/** So many calls, each with its agent and its caller in the room, who both publish; the returned function ends them. */
export async function startRealCalls(parts: Parts, side: Side, count: number): Promise<() => Promise<void>> {
  const tokens = new Map<string, string>()
  const worker = await startIdleWorker(parts, (room, token) => tokens.set(room, token))
  const next = inTurn(side.customers)
  const service = side.replicas[0]?.url as string
  const people: Room[] = []
  let failures = 0

  /** On a busy machine the service refuses some, and LiveKit's client gives some up. */
  async function startCall(): Promise<void> {
    const request = createRequest(next())
    const entered: Room[] = []
    let end = async () => {}
    try {
      const { room_name, token } = JSON.parse((await ask(service, request)).text)
      const path = `${request.path}/${room_name}`
      end = async () => void (await ask(service, { ...request, method: 'DELETE', path, body: '' }, [200, 503]))
      const agentToken = await until(async () => tokens.get(room_name), agentWithin, `no agent is sent to ${room_name}`)
      for (const each of [agentToken, token]) {
        const room = await enter(new rtc.Room(), parts.livekit.url, each, false)
        entered.push(room)
        await publish(room)
      }
      people.push(...entered)
    } catch (error) {
      if (++failures > maxFailures) throw error
      await end()
      await Promise.all(entered.map((room) => room.disconnect()))
      await sleep(1000)
    }
  }

  while (people.length < 2 * count) await startCall()
  return async () => {
    worker.close()
    await Promise.all(people.map((room) => room.disconnect()))
  }
}
