// A settled session is frozen: a fact that is being written meanwhile is in the bill, or never read.
import { sql } from 'kysely'
import t from 'tap'
import { participant } from './livekit-events.ts'
import { bills, publish, tell, withAgent } from './presence.ts'

t.test('what was read of an ended session is the same a second later', async (t) => {
  const told = await withAgent(t)
  const { db } = told.service
  const caller = participant('caller', 80)
  await tell(told, 'participant_joined', caller, 40)
  await tell(told, 'participant_left', caller, 10)
  // Another statement on the participant is under way: for instance the same event's, that LiveKit repeats on another replica.
  let release = () => {}
  const isHeld = new Promise<void>((held) => {
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    void db.transaction().execute(async (transaction) => {
      await sql`SELECT 1 FROM participants WHERE sid = ${caller.sid} FOR NO KEY UPDATE`.execute(transaction)
      held()
      await released
    })
  })
  await isHeld
  const late = publish(told, caller, 70)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const ended = await bills(t, told, 30)
  release()
  await late
  t.strictSame(await told.session(), ended, 'a settled session is frozen')
})
