// LiveKit's events as the stand-in sends them: signed, those of a room one after the other, each tried five times.
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebhookEvent } from '@livekit/protocol'
import { AccessToken } from 'livekit-server-sdk'
import { Agent, request } from 'undici'
import { participantOf, type RoomFacts, roomOf, trackOf, type Who } from './livekit-answers.ts'

/** LiveKit's name of it, and whom it is about. */
export type Event = [name: string, who?: Who]
export type Events = ReturnType<typeof createEvents>
type Room = RoomFacts & { userId: string }

const tries = 5
/** An event of a room that has nothing to do with the calls, so that LiveKit's events are known to arrive. */
const unrelatedMilliseconds = 5000

/** As LiveKit says it; of a track it tells no more than the names of its room and participant. */
function bodyOf(room: Room, [event, who]: Event, id: string): string {
  const state = event === 'participant_left' ? 'left' : 'joining'
  const participant = who && participantOf(who, room.userId, room, state)
  const whole = roomOf(room)
  const about = event.startsWith('track_') && who && participant
  return new WebhookEvent({
    event,
    id: `EV_${id}`,
    createdAt: BigInt(Math.floor(Date.now() / 1000)),
    room: about ? { sid: whole.sid, name: whole.name } : whole,
    ...(participant && { participant: about ? { sid: participant.sid, identity: participant.identity } : participant }),
    ...(about && { track: trackOf(who, room) }),
  }).toJsonString()
}

export function createEvents(apiKey: string, apiSecret: string) {
  const agent = new Agent({ connections: 32 })
  const queues = new Map<string, Promise<void>>()
  let targets: string[] = []
  let sent = 0
  let lost = 0

  async function post(body: string): Promise<boolean> {
    const token = new AccessToken(apiKey, apiSecret, { ttl: '5m' })
    token.sha256 = createHash('sha256').update(body).digest('base64')
    const headers = { 'content-type': 'application/webhook+json', authorization: await token.toJwt() }
    const url = `${targets[sent % targets.length]}/webhooks/livekit`
    const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent })
    await answer.body.dump()
    return answer.statusCode === 200
  }

  async function deliver(body: string): Promise<void> {
    for (let attempt = 1; attempt <= tries; attempt++) {
      if (await post(body).catch(() => false)) return
      await sleep(1000 * attempt)
    }
    lost++
  }

  return {
    /** Without a target nothing is sent. */
    send(room: Room, events: Event[]): void {
      if (targets.length === 0) return
      for (const event of events) {
        const body = bodyOf(room, event, String(++sent).padStart(12, '0'))
        const queue = (queues.get(room.name) ?? Promise.resolve()).then(() => deliver(body))
        queues.set(room.name, queue)
        void queue.then(() => queues.get(room.name) === queue && queues.delete(room.name))
      }
    },
    /** From now on events go to these replicas in turn, and every few seconds one of a room that is no session's. */
    tell(urls: string[]): void {
      targets = urls
      const room = { name: 'unrelated', id: '0'.repeat(12), userId: '', madeAt: Date.now() }
      setInterval(() => this.send(room, [['room_finished']]), unrelatedMilliseconds)
    },
    /** Events that were given up. */
    lost: () => lost,
  }
}
