// A session at which the service has looked, and was answered what a test says.
import { sql } from 'kysely'
import type { Test } from 'tap'
import { buildBehindProxies, until } from './helper.ts'
import { jsonAnswer } from './json-answer.ts'

/** What a look is answered, in place of LiveKit's own list. */
export const lists = (participants: object[]) => ({ answer: jsonAnswer({ participants }) })

/** A service whose looks are answered with these lists, one after the other; the session, as the database has it. */
export async function looked(t: Test, ...all: object[][]) {
  const service = await buildBehindProxies(t)
  const { json } = await service.create()
  const name: string = json.room_name
  const set = (what: string) =>
    sql`UPDATE voice_sessions SET ${sql.raw(what)} WHERE room_name = ${name}`.execute(service.db)
  await set("created_at = created_at - interval '100 s'")
  const own = (text: string) => text.includes(name)
  /** What the next look at it meets. */
  const meets = (fault: Parameters<typeof service.livekit.when>[1]) =>
    service.livekit.when('ListParticipants', fault, 1, own)
  const wake = () => set('wake_at = now()')
  const attempt = async () =>
    (
      await service.db
        .selectFrom('voice_sessions')
        .select('attempt')
        .where('room_name', '=', name)
        .executeTakeFirstOrThrow()
    ).attempt
  /** What a look does at last. */
  const last = /(wake|extend|nameVerdictOfLook)(\0| \*\/)/
  const decided = () => service.database.texts.filter((text) => own(text) && last.test(text)).length
  const look = async (participants: object[]) => {
    const before = decided()
    const known = await attempt()
    meets(lists(participants))
    // Until a look has claimed it: what the look before does at last may still be on its way, and would put this one off.
    await until(async () => {
      await set(`wake_at = CASE attempt WHEN ${known} THEN now() ELSE wake_at END`)
      return decided() > before
    }, 60_000)
  }
  for (const participants of all) await look(participants)
  const get = async () => (await service.get(`/v1/chat/voice-sessions/${name}`)).json
  return { service, name, get, set, wake, meets, look }
}
