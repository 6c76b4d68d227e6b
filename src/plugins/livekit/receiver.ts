// Which webhooks are believed: those that LiveKit signed, with a token that names their body.
import type { FastifyRequest } from 'fastify'
import { TokenVerifier, WebhookReceiver } from 'livekit-server-sdk'
import { InvalidWebhook } from '../../errors.ts'
import { webhookToleranceSeconds } from '../../timings.ts'
import { type LiveKitEvent, toEvent } from './facts.ts'

export interface ReceiverOptions {
  apiKey: string
  apiSecret: string
}

/** Both reject with InvalidWebhook. */
interface Receiver {
  /** Before anything of the body is kept, which may be large. Participants hold signed tokens, too, but theirs name no body. */
  requireSignature(request: FastifyRequest): Promise<void>
  /** The event in the body that the token names. */
  receive(request: FastifyRequest): Promise<LiveKitEvent>
}

export function createReceiver({ apiKey, apiSecret }: ReceiverOptions): Receiver {
  const verifier = new TokenVerifier(apiKey, apiSecret)
  const receiver = new WebhookReceiver(apiKey, apiSecret)
  const refuse = (cause: unknown): never => {
    throw new InvalidWebhook({ cause })
  }

  return {
    async requireSignature({ headers }) {
      const claims = await verifier.verify(headers.authorization ?? '', webhookToleranceSeconds).catch(refuse)
      if (!claims.sha256) refuse(new Error('the token names no body'))
    },
    async receive({ body, headers }) {
      const event = receiver.receive(String(body), headers.authorization, false, webhookToleranceSeconds)
      return event.then(toEvent).catch(refuse)
    },
  }
}
