// Whether the stand-in is fair: the same calls, as many as this machine bears of real ones, with a real livekit-server and with
// the stand-in. So few cost less than the service does without any: all of them are to be looked at every few seconds, and what
// it takes without any is taken off.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { startRelay } from '../accept/relay.ts'
import { type Side, startSide } from './live-side.ts'
import { type Take, take } from './live-take.ts'
import type { Row, Target } from './outcome.ts'
import { type Parts, startParts } from './parts.ts'
import { startRealCalls } from './real-calls.ts'
import { type StandIn, startStandIn } from './standin.ts'
import { startBeside } from './upkeep.ts'

const lookEverySeconds = 5
const warmUpMilliseconds = 15_000

type Idle = Pick<Take, 'minutes' | 'serviceMs' | 'postgresMs' | 'commits'>

/** All calls are looked at as soon as the reaper's next round comes. What each look takes, over what an idle service takes. */
async function measure(parts: Parts, side: Side, idle: Idle, milliseconds: number, standIn?: StandIn) {
  const { db } = side
  const wakeAll = () => sql`UPDATE voice_sessions SET wake_at = now() WHERE status = 'active'`.execute(db)
  // Each look is an attempt.
  const countLooks = async () =>
    Number((await sql<{ looks: number }>`SELECT sum(attempt) AS looks FROM voice_sessions`.execute(db)).rows[0]?.looks)
  const waking = setInterval(wakeAll, lookEverySeconds * 1000)
  await sleep(warmUpMilliseconds)
  const before = await countLooks()
  const taken = await take(parts, side, { milliseconds, standIn })
  const looks = (await countLooks()) - before
  clearInterval(waking)
  const perLook = (figure: Exclude<keyof Idle, 'minutes'>) =>
    (taken[figure] - (idle[figure] / idle.minutes) * taken.minutes) / looks
  const requests = Number.isNaN(taken.requests) ? {} : { requests: taken.requests / looks }
  const figures = { service_ms: perLook('serviceMs'), postgres_ms: perLook('postgresMs'), commits: perLook('commits') }
  return { looks, ...figures, ...requests }
}

export async function fairness({ short }: { short: boolean }): Promise<{ rows: Row[]; targets: Target[] }> {
  const [count, milliseconds] = short ? [4, 10_000] : [30, 120_000]
  const relay = await startRelay()
  const parts = await startParts({}, relay.url)
  const side = await startSide(parts, { replicas: 1 })
  relay.targets = side.replicas.map(({ url }) => url)
  await sleep(warmUpMilliseconds)
  const idle = await take(parts, side, { milliseconds })
  const endCalls = await startRealCalls(parts, side, count)
  const real = await measure(parts, side, idle, milliseconds)
  await endCalls()
  await side.stop()

  const standIn = await startStandIn(parts)
  const other = await startBeside(parts, standIn, count, 1)
  const stoodIn = await measure(parts, other, idle, milliseconds, standIn)
  await other.stop()
  await standIn.stop()
  await parts.stop()
  await relay.close()
  const about = { replicas: 1, calls: count }
  const ratio = real.service_ms / stoodIn.service_ms
  // Where it is fair, the service spends as much on the real one.
  const target = { what: 'own CPU with a real LiveKit beside the stand-in', reached: ratio, most: 1.2 }
  return {
    rows: [
      { what: 'a look, real livekit-server', ...about, ...real, ratio },
      { what: 'a look, stand-in', ...about, ...stoodIn },
    ],
    targets: short ? [] : [target],
  }
}
