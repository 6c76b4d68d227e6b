// A service with one session, and a LiveKit of its own that sends it events; an agent is in the room, and callers come as they like.
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccessToken } from 'livekit-server-sdk'
import type { Test } from 'tap'
import { findLivekitServer } from '../demo/livekit-binary.ts'
import { startLivekitServer } from '../demo/livekit-server.ts'
import { rtc } from '../demo/rtc.ts'
import { build } from './helper.ts'
import { wayTo } from './livekit-way.ts'

export type Room = InstanceType<typeof rtc.Room>

/** The sid of the new track. */
export async function publishMicrophone(room: Room): Promise<string> {
  const track = rtc.LocalAudioTrack.createAudioTrack('microphone', new rtc.AudioSource(48_000, 1))
  const options = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE })
  return (await room.localParticipant?.publishTrack(track, options))?.sid ?? ''
}

export async function withLivekit(t: Test) {
  let service: Awaited<ReturnType<typeof build>> | undefined
  /** What LiveKit told, when, and how it was answered. */
  const told: string[] = []
  const since = performance.now()
  const receiver = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const { authorization = '' } = request.headers
    const headers = { 'content-type': 'application/webhook+json', authorization }
    const answer = await service?.request('/webhooks/livekit', { method: 'POST', headers, body })
    const { event, participant } = JSON.parse(body)
    const at = Math.round((performance.now() - since) / 1000)
    told.push(JSON.stringify([at, event, participant?.identity, body.length, answer?.status]))
    response.writeHead(answer?.status ?? 503).end()
  })
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => receiver.close())
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-test-'))
  const livekit = await startLivekitServer({
    program: await findLivekitServer(() => undefined),
    directory,
    logFile: join(directory, 'log'),
    eventsUrl: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
  })
  t.teardown(() => livekit.stop())
  const { url, apiKey, apiSecret } = livekit
  const keys = { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret }
  service = await build(t, keys, {}, { avoidsOverload: true })
  const { json } = await service.create()

  const attributes = { 'lk.agent_name': 'voice-agent' }
  const token = new AccessToken(apiKey, apiSecret, { identity: 'agent-AJ_1', attributes })
  token.kind = 'agent'
  token.addGrant({ room: json.room_name, roomJoin: true })
  const options = { autoSubscribe: true, dynacast: false }
  const agent = new rtc.Room()
  await agent.connect(url, await token.toJwt(), options)
  t.teardown(() => agent.disconnect())

  return {
    service,
    told,
    session: async () => (await service.get(`/v1/chat/voice-sessions/${json.room_name}`)).json,
    /** Somebody with the caller's token, and with what is added to the URL. */
    async enter(query?: string): Promise<Room> {
      const room = new rtc.Room()
      await room.connect(query === undefined ? url : await wayTo(t, url, query), json.token, options)
      return room
    },
  }
}
