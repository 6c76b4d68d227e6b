// A client for a browser that speaks LiveKit's signal protocol itself, so that it can connect by half, late, or with its signal
// only, as no well-behaved client does. When LiveKit removes it, it comes again with the same token.
import {
  SessionDescription,
  SignalRequest,
  SignalResponse,
  SignalTarget,
  TrackSource,
  TrackType,
} from '@livekit/protocol'
import type { ClientOptions, ClientStatus } from './status.ts'

const pingMilliseconds = 5000

const status: ClientStatus = { joins: 0, sound: [] }
let isLeaving = false
let socket: WebSocket

type Message = ConstructorParameters<typeof SignalRequest>[0]
const send = (message: Message) => socket.send(new SignalRequest(message).toBinary() as Uint8Array<ArrayBuffer>)

/** A steady tone, which needs no microphone. */
function tone(): MediaStreamTrack {
  const context = new AudioContext()
  const destination = context.createMediaStreamDestination()
  const oscillator = context.createOscillator()
  oscillator.connect(destination)
  oscillator.start()
  return destination.stream.getAudioTracks()[0] as MediaStreamTrack
}

/** One of the two connections. LiveKit's candidates may come before its description. */
function connection(target: SignalTarget) {
  const peer = new RTCPeerConnection()
  const candidates: RTCIceCandidateInit[] = []
  peer.onicecandidate = ({ candidate }) => {
    if (candidate)
      send({ message: { case: 'trickle', value: { target, candidateInit: JSON.stringify(candidate.toJSON()) } } })
  }
  return {
    peer,
    async describe(description: RTCSessionDescriptionInit) {
      await peer.setRemoteDescription(description)
      for (const candidate of candidates.splice(0)) await peer.addIceCandidate(candidate)
    },
    async add(candidate: RTCIceCandidateInit) {
      if (peer.remoteDescription) await peer.addIceCandidate(candidate)
      else candidates.push(candidate)
    },
  }
}

function connect(options: ClientOptions): void {
  const { url, token, answersAfter, publishesAfter } = options
  const query = new URLSearchParams({
    access_token: token,
    protocol: '9',
    auto_subscribe: '1',
    sdk: 'js',
    version: '2.0.0',
  })
  const own = new WebSocket(`${url}/rtc?${query}`)
  own.binaryType = 'arraybuffer'
  socket = own
  const publisher = connection(SignalTarget.PUBLISHER)
  const subscriber = connection(SignalTarget.SUBSCRIBER)
  const connectedAt = Date.now()
  const timers: ReturnType<typeof setTimeout>[] = []
  let mayAnswer = false
  let offer: RTCSessionDescriptionInit | undefined

  async function answer(): Promise<void> {
    if (!offer || !mayAnswer) return
    await subscriber.describe(offer)
    offer = undefined
    await subscriber.peer.setLocalDescription()
    send({ message: { case: 'answer', value: new SessionDescription(subscriber.peer.localDescription as object) } })
  }
  async function publish(): Promise<void> {
    const track = tone()
    const value = { cid: track.id, name: 'microphone', type: TrackType.AUDIO, source: TrackSource.MICROPHONE }
    send({ message: { case: 'addTrack', value } })
    publisher.peer.addTrack(track)
    await publisher.peer.setLocalDescription()
    send({ message: { case: 'offer', value: new SessionDescription(publisher.peer.localDescription as object) } })
  }
  publisher.peer.onconnectionstatechange = () => {
    if (publisher.peer.connectionState === 'connected') status.sound.push({ from: Date.now() })
  }
  const later = (milliseconds: number | undefined, what: () => void) => {
    if (milliseconds !== undefined) timers.push(setTimeout(what, connectedAt + milliseconds - Date.now()))
  }

  const handle = async ({ message }: SignalResponse): Promise<void> => {
    if (message.case === 'join') {
      status.joins++
      timers.push(setInterval(() => send({ message: { case: 'ping', value: BigInt(Date.now()) } }), pingMilliseconds))
      later(answersAfter, () => {
        mayAnswer = true
        void answer()
      })
      later(publishesAfter, () => void publish())
    }
    if (message.case === 'offer') {
      offer = { type: 'offer', sdp: message.value.sdp }
      await answer()
    }
    if (message.case === 'answer') await publisher.describe({ type: 'answer', sdp: message.value.sdp })
    if (message.case === 'trickle') {
      const to = message.value.target === SignalTarget.PUBLISHER ? publisher : subscriber
      await to.add(JSON.parse(message.value.candidateInit))
    }
  }
  own.onmessage = ({ data }) => void handle(SignalResponse.fromBinary(new Uint8Array(data)))
  own.onclose = () => {
    for (const timer of timers) clearTimeout(timer)
    for (const { peer } of [publisher, subscriber]) peer.close()
    const last = status.sound.at(-1)
    if (last) last.to ??= Date.now()
    // Where the room is gone, LiveKit refuses each time.
    if (!isLeaving) setTimeout(() => connect(options), 500)
  }
}

function leave(): void {
  isLeaving = true
  send({ message: { case: 'leave', value: {} } })
  socket.close()
}

Object.assign(window, { client: { connect, leave, status } })
