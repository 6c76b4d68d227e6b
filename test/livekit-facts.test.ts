// LiveKit’s facts are read by the numbers of its own protocol, which the SDK exports only in part.
import { DisconnectReason, ParticipantInfo, ParticipantInfo_Kind } from '@livekit/protocol'
import { ParticipantInfo_State, WebhookEvent } from 'livekit-server-sdk'
import t from 'tap'
import { toEvent, toParticipant } from '../src/plugins/livekit/facts.ts'

/** The names in an enum of the protocol whose number is answered with yes. */
const namesWhere = (numbers: Record<string, string | number>, ask: (number: number) => boolean) =>
  Object.entries(numbers).flatMap(([name, number]) => (typeof number === 'number' && ask(number) ? [name] : []))

t.test('an agent is a participant of kind AGENT, and of no other', async (t) => {
  const agents = namesWhere(ParticipantInfo_Kind, (kind) => toParticipant(new ParticipantInfo({ kind })).is_agent)
  t.same(agents, ['AGENT'])
})

t.test('a participant has joined once its state is ACTIVE', async (t) => {
  const active = namesWhere(ParticipantInfo_State, (state) => toParticipant(new ParticipantInfo({ state })).is_active)
  t.same(active, ['ACTIVE'])
})

t.test('a connection is lost where LiveKit names CONNECTION_TIMEOUT, and for no other reason', async (t) => {
  const lost = namesWhere(DisconnectReason, (disconnectReason) => {
    const event = new WebhookEvent({ event: 'participant_left', participant: { disconnectReason } })
    return toEvent(event).connection_lost
  })
  t.same(lost, ['CONNECTION_TIMEOUT'])
})

t.test('a participant without a kind is a caller, and an event without a participant lost no connection', async (t) => {
  t.equal(toParticipant(new ParticipantInfo()).is_agent, false)
  t.equal(toEvent(new WebhookEvent({ event: 'room_finished' })).connection_lost, false)
})
