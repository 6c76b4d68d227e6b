// Webhooks about some rooms are held back, all others delivered in the order in which LiveKit sends them.
import type { Webhook, WebhookRelay } from '../../relay.ts'

export interface HeldWebhooks {
  /** From now on those about this room are kept in this list, and not delivered. */
  hold(roomName: string): Webhook[]
}

export function holdWebhooks(relay: WebhookRelay): HeldWebhooks {
  const byRoom = new Map<string, Webhook[]>()
  relay.deliveries = (webhook) => {
    const held = byRoom.get(JSON.parse(webhook.body).room?.name)
    held?.push(webhook)
    return held && []
  }
  return {
    hold(roomName) {
      const held: Webhook[] = []
      byRoom.set(roomName, held)
      return held
    },
  }
}
