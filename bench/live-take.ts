// One take: what the replicas, PostgreSQL and LiveKit are asked for while it lasts, how late looks are, and how long the event
// loops are held.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Side } from './live-side.ts'
import { openWatch, type Watch } from './live-watch.ts'
import type { Parts } from './parts.ts'
import { cpuOf, cpuOfFamily, residentOf } from './processes.ts'
import type { StandIn } from './standin.ts'

export interface Take {
  minutes: number
  /** Minutes of calls that it lasted, all calls together. */
  callMinutes: number
  /** CPU of all replicas, and of PostgreSQL without this bench's own questions, in milliseconds. */
  serviceMs: number
  postgresMs: number
  commits: number
  /** To LiveKit; NaN where there is no stand-in to count them. */
  requests: number
  /** Seconds since a session should have been looked at: of all that were waiting at any second. */
  lateP99: number
  lateMax: number
  /** Milliseconds; the worst replica's. */
  loopP99: number
  loopMax: number
  residentMb: number
}

/** All figures that only grow, and the number of open sessions. */
async function readCounters({ postgres }: Parts, { replicas }: Side, watch: Watch, standIn: StandIn | undefined) {
  const { eventsLost: _, ...counts } = (await standIn?.tell('counts', {})) ?? { LiveKit: Number.NaN }
  return {
    at: performance.now(),
    ...(await watch.readCounters()),
    serviceMs: replicas.reduce((sum, { process }) => sum + cpuOf(process.pid), 0),
    postgresMs: cpuOfFamily(postgres.pid) - cpuOf(watch.pid),
    requests: Object.values(counts).reduce((sum, count) => sum + count, 0),
  }
}

/** The delay of the event loops since somebody last asked, in milliseconds: the worst replica's. */
async function readLoops({ replicas }: Side) {
  const texts = await Promise.all(replicas.map(async ({ metricsUrl }) => (await fetch(metricsUrl)).text()))
  const worst = (name: string) => {
    const pattern = new RegExp(`^nodejs_eventloop_lag_${name}_seconds (.*)$`, 'm')
    return 1000 * Math.max(...texts.map((text) => Number(pattern.exec(text)?.[1])))
  }
  return { loopP99: worst('p99'), loopMax: worst('max') }
}

interface TakeOptions {
  milliseconds: number
  standIn?: StandIn | undefined
}

export async function take(parts: Parts, side: Side, { milliseconds, standIn }: TakeOptions): Promise<Take> {
  const watch = await openWatch(side.url)
  await readLoops(side)
  const before = await readCounters(parts, side, watch, standIn)
  let residentMb = 0
  while (performance.now() < before.at + milliseconds) {
    await sleep(1000)
    await watch.lookForWaiting()
    residentMb = Math.max(residentMb, ...side.replicas.map(({ process }) => residentOf(process.pid)))
  }
  const after = await readCounters(parts, side, watch, standIn)
  const loops = await readLoops(side)
  await watch.close()
  const minutes = (after.at - before.at) / 60_000
  const grown = (name: 'serviceMs' | 'postgresMs' | 'commits' | 'requests') => after[name] - before[name]
  return {
    minutes,
    callMinutes: ((before.open + after.open) / 2) * minutes,
    serviceMs: grown('serviceMs'),
    postgresMs: grown('postgresMs'),
    commits: grown('commits'),
    requests: grown('requests'),
    ...watch.lateness(),
    ...loops,
    residentMb,
  }
}
