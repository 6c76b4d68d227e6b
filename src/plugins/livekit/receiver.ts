// Which of LiveKit's events are believed: those that it signed, with a token that names their body.
import type { FastifyRequest } from 'fastify'
import { TokenVerifier, WebhookReceiver } from 'livekit-server-sdk'
import { InvalidLiveKitEvent } from '../../errors.ts'
import { livekitEventToleranceSeconds } from '../../timings.ts'
import { type LiveKitEvent, toLiveKitEvent } from './facts.ts'

export interface ReceiverOptions {
  apiKey: string
  apiSecret: string
}

/** Both reject with InvalidLiveKitEvent. */
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
    throw new InvalidLiveKitEvent({ cause })
  }

  return {
    async requireSignature({ headers }) {
      const claims = await verifier.verify(headers.authorization ?? '', livekitEventToleranceSeconds).catch(refuse)
      if (!claims.sha256) refuse(new Error('the token names no body'))
    },
    async receive({ body, headers }) {
      const event = receiver.receive(String(body), headers.authorization, false, livekitEventToleranceSeconds)
      return event.then(toLiveKitEvent).catch(refuse)
    },
  }
}
