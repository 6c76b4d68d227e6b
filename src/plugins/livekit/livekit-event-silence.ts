// Whether LiveKit's events come at all. Without them calls are billed from looks alone, and nothing fails; so it is said in
// the log when sessions run and none comes, once, and once when they come again.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { repeat } from '../../loop.ts'
import { silenceCheckSeconds, silenceSeconds } from '../../timings.ts'

const advice =
  'LiveKit sends no events, although sessions run: its setting webhook.urls must name this service’s /webhooks/livekit, and webhook.api_key the key in LIVEKIT_API_KEY; livekit_webhooks_refused_total counts those with a wrong signature'

/** One check, which remembers the sessions of the one before: they may have ended. */
export function createSilenceCheck({
  repositories,
  log,
}: Pick<FastifyInstance, 'repositories' | 'log'>): () => Promise<void> {
  /** Milliseconds: when the first session was created after which no event came. */
  let unheardSince = Number.POSITIVE_INFINITY
  let isSilent = false

  return async () => {
    const { now, unheard_from, unheard_session_at } = await repositories.findLiveKitEventArrival()
    if (unheardSince <= Number(unheard_from)) unheardSince = Number.POSITIVE_INFINITY
    if (unheard_session_at) unheardSince = Math.min(unheardSince, unheard_session_at.getTime())
    const wasSilent = isSilent
    isSilent = now.getTime() - unheardSince > silenceSeconds * 1000
    if (isSilent && !wasSilent) log.warn(advice)
    if (wasSilent && !isSilent) log.info('LiveKit sends events')
  }
}

async function livekitEventSilence(app: FastifyInstance) {
  repeat(app, 'LiveKit event silence', silenceCheckSeconds * 1000, createSilenceCheck(app))
}

export default fp(livekitEventSilence, { name: 'livekit-event-silence', dependencies: ['database'] })
