// events: how long an organization waits for its event, and for its creates, while the receiver of another hangs. It is the
// acceptance scenario events-slow, whose figures are shown here.
import { eventsSlow } from '../accept/scenarios/events-slow.ts'
import type { Outcome } from './outcome.ts'

interface Figures {
  create_ms: number
  delivery_ms: number
}

export async function events({ short }: { short: boolean }): Promise<Outcome> {
  const { idle, beside, pending } = (await eventsSlow({ short })) as Record<'idle' | 'beside', Figures> & {
    pending: number
  }
  const row = (name: string, { create_ms, delivery_ms }: Figures) => ({ name, create_ms, delivery_ms })
  return {
    rows: [row('idle', idle), row(`beside ${pending} events for a receiver that hangs`, beside)],
    targets: [
      { what: 'the time to an event, beside idle', reached: beside.delivery_ms / idle.delivery_ms, most: 1.5 },
      { what: 'the time of a create, beside idle', reached: beside.create_ms / idle.create_ms, most: 1.5 },
    ],
  }
}
