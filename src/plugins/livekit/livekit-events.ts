// LiveKit's events. They are hints: without them the reaper and the sweep find the same, but later.
// They may be lost, doubled, late or out of order; each only adds a fact, or ends what has ended.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Participant } from '../../repositories/participants.ts'
import { parseRoomName } from '../../room-name.ts'
import {
  arrivalWriteSeconds,
  connectionLossSeconds,
  departureTimeoutSeconds,
  livekitTickSeconds,
} from '../../timings.ts'
import type { LiveKitEvent } from './facts.ts'
import { createReceiver, type ReceiverOptions } from './receiver.ts'

const bodyLimitBytes = 256 * 1024
/** room_finished comes this long after the last caller left; where none ever came, nobody left before. */
const finishedAfterSeconds = departureTimeoutSeconds + livekitTickSeconds

/** What an event proves: LiveKit names its `aborted` for whoever leaves without ever having been active. */
const proofs: Record<string, 'present' | 'left' | 'aborted'> = {
  participant_joined: 'present',
  track_published: 'present',
  participant_left: 'left',
  participant_connection_aborted: 'aborted',
}
/** Why LiveKit's request was refused, by status. */
const refusals: Record<number, string> = { 401: 'signature', 413: 'size' }

const before = (time: Date, seconds: number): Date => new Date(time.getTime() - seconds * 1000)

async function livekitEvents(app: FastifyInstance, options: ReceiverOptions) {
  const { repositories, calls, lanes, metrics } = app
  const { requireSignature, receive } = createReceiver(options)
  let arrivalWrittenAt = Number.NEGATIVE_INFINITY

  /** What an event proves about a participant; `only_known` where it does not prove that they ever were present. */
  async function record(event: LiveKitEvent, participant: Participant, told: 'present' | 'left' | 'aborted') {
    const { sid, identity, worker_name, connected_at } = participant
    const { room_name, at, connection_lost } = event
    const kind = participant.kind === 'agent' ? 'agent' : 'caller'
    const proof =
      told === 'present' ? { told_at: at } : { left_at: at, connection_lost, only_known: told === 'aborted' }
    const seconds = await repositories.recordFact({
      sid,
      room_name,
      kind,
      identity,
      worker_name,
      connected_at,
      ...proof,
    })
    if (kind === 'agent' && seconds !== undefined) metrics.secondsToAgent.observe(seconds)
  }

  async function handle(event: LiveKitEvent): Promise<void> {
    const { name, participant, room_name, room_sid, at, connection_lost, room_deleted } = event
    const what = proofs[name]
    if (what && participant && participant.kind !== 'other') {
      await record(event, participant, what)
      if (what !== 'present') {
        if (room_deleted) await calls.endAsDeleted(room_name, room_sid, at)
        await repositories.wakeAfterLeave(room_name, connection_lost ? before(at, connectionLossSeconds) : at)
      }
    }
    if (name === 'room_finished' && (await repositories.findStatus(room_name)) === 'active') {
      const { known } = await repositories.findCallers(room_name)
      const end_reason = known ? 'caller_left' : 'caller_never_joined'
      await calls.settle(room_name, { end_reason, until: known ? before(at, finishedAfterSeconds) : at, room_sid })
    }
    if (name === 'room_started') {
      if ((await repositories.findStatus(room_name)) === 'ended') calls.deleteRoom(room_name)
      // Its node died and another node took the room over, empty. Whoever was in it has left, and no event will say so.
      else await repositories.recordGone(room_name, { at, clock: 'livekit' }, [])
    }
  }

  /** Not for every event: all replicas write the same row. */
  async function recordArrival(): Promise<void> {
    const earlier = arrivalWrittenAt
    if (performance.now() - earlier < arrivalWriteSeconds * 1000) return
    arrivalWrittenAt = performance.now()
    await repositories.recordLiveKitEventArrival().catch((error) => {
      arrivalWrittenAt = earlier
      throw error
    })
  }

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'string', bodyLimit: bodyLimitBytes },
      async (_: unknown, body: unknown) => body,
    )
    scope.addHook('onResponse', async (_, { statusCode }) => {
      if (statusCode !== 200) metrics.livekitEventsRefused.inc({ reason: refusals[statusCode] ?? 'unavailable' })
    })
    scope.post('/webhooks/livekit', { bodyLimit: bodyLimitBytes, onRequest: requireSignature }, async (request) => {
      const event = await receive(request)
      metrics.livekitEvents.inc({ event: event.name })
      await lanes.livekitEvent(parseRoomName(event.room_name)?.agentId ?? '', () => handle(event))
      await recordArrival()
      return { status: 'received' }
    })
  })
}

export default fp(livekitEvents, {
  name: 'livekit-events',
  dependencies: ['database', 'calls', 'metrics', 'organization-lanes'],
})
