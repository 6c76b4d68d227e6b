// An event that comes a day late: as it was sent then, its signature has expired and it is refused; with a new
// signature, as LiveKit repeats one, it is accepted and changes nothing.
import { sql } from 'kysely'
import { livekitEventToleranceSeconds } from '../../../src/timings.ts'
import { type Call, show } from '../../calls.ts'
import { must } from '../../check.ts'
import type { SignedLiveKitEvent } from '../../relay.ts'
import { expiryOf, signLiveKitEvent } from '../../signature.ts'
import type { Stack } from '../../stack.ts'

/** Seconds. */
const day = 24 * 60 * 60

/** The same as if it had been sent a day before. */
const aDayAgo = (body: string): string =>
  body
    .replace(/("(?:createdAt|joinedAt|creationTime)":")(\d+)"/g, (_, name, time) => `${name}${Number(time) - day}"`)
    .replace(/("(?:joinedAtMs|creationTimeMs)":")(\d+)"/g, (_, name, time) => `${name}${Number(time) - day * 1000}"`)

/** Moves a session and its facts to the day before. */
async function age({ db }: Stack, roomName: string): Promise<void> {
  await sql`UPDATE voice_sessions SET created_at = created_at - interval '1 day', ended_at = ended_at - interval '1 day',
    wake_at = wake_at - interval '1 day' WHERE room_name = ${roomName}`.execute(db)
  await sql`UPDATE participants SET joined_at = joined_at - interval '1 day', left_at = left_at - interval '1 day',
    seen_at = seen_at - interval '1 day' WHERE room_name = ${roomName}`.execute(db)
}

/** All that was sent about a call comes again, in three forms; the answers. */
export async function deliverDayLate(stack: Stack, call: Call, sent: SignedLiveKitEvent[]) {
  const { relay, livekit } = stack
  const about = sent.filter(({ body }) => JSON.parse(body).room?.name === call.roomName)
  const asSent: number[] = []
  for (const event of about) {
    const status = await relay.deliver(event)
    const left = expiryOf(event.authorization) - Date.now() / 1000
    // In between either answer is right: the service allows for clocks that differ.
    if (left > 0) must(status === 200, `an event that came again was answered ${status}`)
    if (left < -livekitEventToleranceSeconds) must(status === 401, `an event that has expired was answered ${status}`)
    asSent.push(status)
  }

  await age(stack, call.roomName)
  const before = JSON.stringify(await show(stack, call))
  for (const { body } of about.map((event) => ({ body: aDayAgo(event.body) }))) {
    const expired = await relay.deliver({
      body,
      authorization: signLiveKitEvent(body, livekit, Date.now() - day * 1000),
    })
    must(expired === 401, `an event signed a day ago was answered ${expired}`)
    const anew = await relay.deliver({ body, authorization: signLiveKitEvent(body, livekit) })
    must(anew === 200, `an event signed anew was answered ${anew}`)
  }
  const after = JSON.stringify(await show(stack, call))
  must(after === before, `late events changed ${before} to ${after}`)
  return { events: about.length, as_sent: asSent, expired: 401, signed_anew: 200 }
}
