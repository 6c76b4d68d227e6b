// Every replica is down while calls go on: they are charged from the facts when one is back.
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../../test/until.ts'
import { type Call, startTalk, untilEnded } from '../../calls.ts'
import { checkBooks, must } from '../../check.ts'
import { createCustomer, type Stack, startStack } from '../../stack.ts'

const rate = 10
/** LiveKit tells of a caller who left after its departure timeout; the sweep finds one of whom no event told. */
const settledWithin = 20_000
const sweptWithin = 65_000
/** Longer than LiveKit keeps a room that its caller has left. */
const downMilliseconds = 13_000

/** Begins the calls; the function that it resolves with does the rest. `short` leaves out the caller who leaves meanwhile. */
export async function beginCalls({ short }: { short: boolean }): Promise<() => Promise<number>> {
  const stack = await startStack({ worker: true })
  const customer = await createCustomer(stack.db, { rate })
  const stays = await startTalk(stack, customer)
  const leaves = short ? undefined : await startTalk(stack, customer)
  return () => allDown(stack, stays, leaves)
}

/** The milliseconds from the start of a replica to the settlement of all. */
async function allDown(stack: Stack, stays: Call, leaves: Call | undefined): Promise<number> {
  const [replica] = stack.replicas
  const isSeen = async () => {
    const query = stack.db.selectFrom('voice_sessions').select('held').where('held', '=', rate)
    return (await query.execute()).length === 0
  }
  await until(isSeen, 30_000, 'the reaper has not looked at the calls')

  stack.relay.deliveries = () => []
  replica?.process.kill('SIGKILL')
  await leaves?.caller.leave()
  await sleep(downMilliseconds)
  must(stays.caller.heard.disconnected === undefined, 'a call ended with the replicas')
  await replica?.restart()
  const backAt = performance.now()
  stack.relay.deliveries = undefined

  await stays.caller.leave()
  const talked = (performance.now() - stays.joinedAt) / 1000
  const ended = await untilEnded(stack, stays, settledWithin)
  const minutes = Math.ceil(talked / 60)
  const { credits_charged: charged = 0, seconds_billed: billed = 0 } = ended
  must(charged <= minutes * rate && charged >= rate, `${charged} credits for ${talked} s of talk`)
  must(billed >= talked - 5 && billed <= talked + 2, `${billed} s were billed of ${talked}`)
  if (leaves) {
    const { credits_charged, seconds_billed } = await untilEnded(stack, leaves, sweptWithin)
    must(credits_charged === rate, `${credits_charged} credits for ${seconds_billed} s and less than a minute of talk`)
  }
  const took = Math.round(performance.now() - backAt)
  await checkBooks(stack)
  await stack.stop()
  return took
}
