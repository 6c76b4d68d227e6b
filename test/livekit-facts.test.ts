// LiveKit’s facts are read by the numbers of its own protocol, which the SDK exports only in part.
import { DisconnectReason, ParticipantInfo, ParticipantInfo_Kind } from '@livekit/protocol'
import { ParticipantInfo_State, WebhookEvent } from 'livekit-server-sdk'
import t from 'tap'
import { toLiveKitEvent, toParticipant } from '../src/plugins/livekit/facts.ts'

/** The names in an enum of the protocol whose number is answered with yes. */
const namesWhere = (numbers: Record<string, string | number>, ask: (number: number) => boolean) =>
  Object.entries(numbers).flatMap(([name, number]) => (typeof number === 'number' && ask(number) ? [name] : []))

const guest = (info: ConstructorParameters<typeof ParticipantInfo>[0]) => toParticipant(new ParticipantInfo(info))
const state = ParticipantInfo_State.JOINED

t.test('an agent is a participant of kind AGENT, and of no other', async (t) => {
  const agents = namesWhere(ParticipantInfo_Kind, (kind) => guest({ kind }).kind === 'agent')
  t.same(agents, ['AGENT'])
})

t.test('an agent’s worker is the one that LiveKit names', async (t) => {
  const attributes = { 'lk.agent_name': 'voice-agent' }
  t.match(guest({ kind: ParticipantInfo_Kind.AGENT, attributes }), { kind: 'agent', worker_name: 'voice-agent' })
  t.match(guest({ kind: ParticipantInfo_Kind.AGENT }), { kind: 'agent', worker_name: null })
})

t.test('whoever publishes on behalf of an agent is neither agent nor guest', async (t) => {
  const attributes = { 'lk.agent_name': 'voice-agent', 'lk.publish_on_behalf': 'agent-AJ_1' }
  t.equal(guest({ kind: ParticipantInfo_Kind.AGENT, attributes }).kind, 'other')
})

t.test('a participant is present once its state is ACTIVE, or once it has published a track', async (t) => {
  const active = namesWhere(ParticipantInfo_State, (state) => guest({ state }).is_present)
  t.same(active, ['ACTIVE'])
  t.ok(guest({ state, tracks: [{ sid: 'TR_1' }] }).is_present)
})

t.test('the time of the connection is in milliseconds, or in seconds, or is not told', async (t) => {
  t.strictSame(guest({ joinedAt: 1n, joinedAtMs: 1500n }).connected_at, new Date(1500))
  t.strictSame(guest({ joinedAt: 1n }).connected_at, new Date(1000))
  t.equal(guest({}).connected_at, null)
})

t.test('a connection is lost where LiveKit names CONNECTION_TIMEOUT, and for no other reason', async (t) => {
  const lost = namesWhere(DisconnectReason, (disconnectReason) => {
    const event = new WebhookEvent({ event: 'participant_left', participant: { disconnectReason } })
    return toLiveKitEvent(event).connection_lost
  })
  t.same(lost, ['CONNECTION_TIMEOUT'])
})

t.test('a room was deleted where LiveKit names ROOM_DELETED, and for no other reason', async (t) => {
  const deleted = namesWhere(DisconnectReason, (disconnectReason) => {
    const event = new WebhookEvent({ event: 'participant_left', participant: { disconnectReason } })
    return toLiveKitEvent(event).room_deleted
  })
  t.same(deleted, ['ROOM_DELETED'])
})

t.test('a participant without a kind is a guest, and an event without a participant lost no connection', async (t) => {
  t.equal(guest({}).kind, 'guest')
  t.equal(toLiveKitEvent(new WebhookEvent({ event: 'room_finished' })).connection_lost, false)
})
