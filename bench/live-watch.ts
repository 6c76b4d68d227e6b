// What PostgreSQL is asked while live calls are measured, over one connection, whose share of CPU and commits is known.
import { sql } from 'kysely'
import { createDatabase } from '../src/repositories/database.ts'

export type Watch = Awaited<ReturnType<typeof openWatch>>

export async function openWatch(url: string) {
  const db = createDatabase(url, { max: 1, idleTimeoutMillis: 0 })
  let asked = 0
  async function ask<Row>(question: ReturnType<typeof sql<Row>>): Promise<Row[]> {
    asked++
    return (await question.execute(db)).rows
  }
  const [{ pid } = { pid: 0 }] = await ask(sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`)
  /** By tenths of a second, how many sessions were found waiting so long for their look. */
  const waiting = new Map<number, number>()

  return {
    /** The process of PostgreSQL's that answers it. */
    pid,
    async readCounters(): Promise<{ open: number; commits: number }> {
      const [counters] = await ask(sql<{ open: number; commits: number }>`
        SELECT (SELECT count(*)::int FROM voice_sessions WHERE charged IS NULL) AS open, xact_commit::float8 AS commits
        FROM pg_stat_database WHERE datname = current_database()`)
      return { open: Number(counters?.open), commits: Number(counters?.commits) - asked }
    },
    async lookForWaiting(): Promise<void> {
      const rows = await ask(sql<{ tenths: number; count: number }>`
        SELECT floor(EXTRACT(EPOCH FROM now() - wake_at) * 10)::int AS tenths, count(*)::int AS count FROM voice_sessions
        WHERE charged IS NULL AND wake_at < now() GROUP BY 1`)
      for (const { tenths, count } of rows) waiting.set(tenths, (waiting.get(tenths) ?? 0) + count)
    },
    /** Seconds that they were found waiting. */
    lateness(): { lateP99: number; lateMax: number } {
      const longestFirst = [...waiting].sort(([a], [b]) => b - a)
      let left = longestFirst.reduce((sum, [, count]) => sum + count, 0) / 100
      const isOfTheRest = ([, count]: [number, number]) => {
        left -= count
        return left < 0
      }
      const [[p99] = [0], [most] = [0]] = [longestFirst.find(isOfTheRest), longestFirst[0]]
      return { lateP99: p99 / 10, lateMax: most / 10 }
    },
    close: () => db.destroy(),
  }
}
