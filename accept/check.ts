// What every scenario must show: the books balance, PostgreSQL met no deadlock, and no error was left unhandled.
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { findDifferences } from '../src/repositories/audit.ts'
import { findRooms } from '../src/repositories/background.ts'
import { until } from '../test/until.ts'
import type { Tally } from './client.ts'
import type { Stack } from './stack.ts'

/** Ends the scenario as failed where the condition is false. */
export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}

export async function deadlocks(stack: Stack): Promise<number> {
  const { rows } = await sql<{ deadlocks: number }>`
    SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`.execute(stack.db)
  return rows[0]?.deadlocks ?? 0
}

/** Deadlocks in PostgreSQL's log, which, unlike its statistics, survives a crash. */
const deadlockLines = (stack: Stack): number =>
  readFileSync(stack.postgres.logFile, 'utf8').split('deadlock detected').length - 1

/** Lines of the replicas' logs that say that a process failed; there must be none. */
function fatalLines(stack: Stack): string[] {
  const lines = stack.replicas.flatMap((replica) => readFileSync(replica.logFile, 'utf8').split('\n'))
  return lines.filter((line) => line.includes('"level":60') || line.includes('nhandled'))
}

/** Statuses that the document of createVoiceSession, get, list and end names; 0 is a connection that broke. */
const documented = ['0', '200', '400', '401', '402', '404', '409', '422', '429', '500', '503']

export async function checkBooks(stack: Stack, tally: Tally = {}): Promise<void> {
  const differences = await findDifferences(stack.db)
  must(differences.length === 0, `the books do not balance: ${JSON.stringify(differences)}`)
  must((await deadlocks(stack)) + deadlockLines(stack) === 0, 'PostgreSQL met a deadlock')
  must(fatalLines(stack).length === 0, `a replica failed: ${fatalLines(stack)[0]}`)
  const strange = Object.keys(tally).filter((status) => !documented.includes(status))
  must(strange.length === 0, `undocumented statuses: ${strange}`)
}

/**
 * To be called once nobody creates sessions any more, and where no agent comes: within 60 s every session has ended, and
 * within 90 s no room of an ended session is left.
 */
export async function untilSettled(stack: Stack) {
  const isEnded = async () => (await listOpenRooms(stack)).length === 0
  const ended = await timeUntil(isEnded, 60_000, 'a session is still open')
  const isDeleted = async () => {
    const names = (await stack.rooms.listRooms()).map((room) => room.name)
    return (await findRooms(stack.db, names)).every((room) => !room.has_ended)
  }
  const deleted = await timeUntil(isDeleted, 90_000 - ended, 'a room of an ended session is still there')
  return { all_ended_after_ms: ended, rooms_gone_after_ms: ended + deleted }
}

async function listOpenRooms(stack: Stack): Promise<string[]> {
  const query = stack.db.selectFrom('voice_sessions').select('room_name').where('status', '<>', 'ended')
  return (await query.execute()).map((row) => row.room_name)
}

/** As `until`; resolves with the milliseconds that it took. */
export async function timeUntil(...args: Parameters<typeof until<boolean>>): Promise<number> {
  const startedAt = performance.now()
  await until(...args)
  return Math.round(performance.now() - startedAt)
}
