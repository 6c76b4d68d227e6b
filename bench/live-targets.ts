// What is wanted of the upkeep of live calls.
import type { Row, Target } from './outcome.ts'
import type { Upkeep } from './upkeep.ts'

/** For each number of calls from 10,000 on. */
function costs(row: Row): Target[] {
  const what = (figure: string) => `${Number(row.calls).toLocaleString('en')} calls, ${figure} per call-minute`
  return [
    { what: what('own CPU in ms'), reached: Number(row.service_ms), most: 0.4 },
    { what: what('PostgreSQL’s CPU in ms'), reached: Number(row.postgres_ms), most: 0.25 },
    { what: what('commits'), reached: Number(row.commits), most: 0.5 },
    { what: what('requests to LiveKit'), reached: Number(row.requests), most: 1.1 },
  ]
}

/** How much more three replicas ask for than one. */
function besideOne(one: Row, three: Row): Target[] {
  const what = (figure: string) =>
    `${Number(one.calls).toLocaleString('en')} calls, ${figure} of three replicas beside one`
  return (['postgres_ms', 'commits', 'requests'] as const).map((figure) => {
    return { what: what(figure), reached: Number(three[figure]) / Number(one[figure]), most: 1.1 }
  })
}

/** Of 50,000 calls on one replica. */
function ofMany(few: Row, some: Row, many: Row): Target[] {
  const flat = (figure: string) => Number(many[figure]) / Number(some[figure])
  return [
    { what: '50,000 calls beside 10,000, own CPU per call-minute', reached: flat('service_ms'), most: 1.3 },
    { what: '50,000 calls beside 10,000, PostgreSQL’s CPU per call-minute', reached: flat('postgres_ms'), most: 1.3 },
    { what: '50,000 calls, latest look in s', reached: Number(many.late_max_s), most: 10 },
    {
      what: 'p99 of create beside 50,000 calls, and beside 1,000',
      reached: Number(many.create_p99_ms) / Number(few.create_p99_ms),
      most: 2,
    },
    { what: '50,000 calls, p99 of the event loop’s delay in ms', reached: Number(many.loop_p99_ms), most: 50 },
    { what: '50,000 calls, resident memory in MB', reached: Number(many.resident_mb), most: 250 },
  ]
}

export function upkeepTargets(kept: Upkeep[]): Target[] {
  const wronglyEnded = Math.max(...kept.map((each) => each.wronglyEnded))
  const always = { what: 'upkeep, calls that ended although nothing happened', reached: wronglyEnded, most: 0 }
  const rowOf = (calls: number, replicas = 1) =>
    kept.map(({ row }) => row).find((row) => row.calls === calls && row.replicas === replicas)
  const [few, some, many] = [1000, 10_000, 50_000].map((calls) => rowOf(calls))
  const judged = [some, many].flatMap((one) => {
    const three = one && rowOf(Number(one.calls), 3)
    return one ? [...costs(one), ...(three ? besideOne(one, three) : [])] : []
  })
  return [always, ...judged, ...(few && some && many ? ofMany(few, some, many) : [])]
}
