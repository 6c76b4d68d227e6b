// Statements that met each other at the same rows: PostgreSQL breaks one of them off as a whole, and it is asked again.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from './schema.ts'

/** SQLSTATEs of who was broken off, and has changed nothing: serialization failure, deadlock. */
const conflictCodes = /^(40001|40P01)$/

const maxRepeats = 50
const maxPauseMilliseconds = 50

/**
 * What `ask` resolves with, which is asked again where it met another, for so many milliseconds at most, all together. It is told
 * how many of them are left.
 */
export async function repeated<T>(ask: (left: number) => Promise<T>, milliseconds: number): Promise<T> {
  const deadline = performance.now() + milliseconds
  for (let repeats = 0; ; repeats++) {
    try {
      return await ask(deadline - performance.now())
    } catch (error) {
      // Each at another moment, or the same two would meet again.
      const pause = Math.random() * Math.min(2 ** repeats, maxPauseMilliseconds)
      const isLate = repeats === maxRepeats || performance.now() + pause >= deadline
      if (isLate || !conflictCodes.test(String((error as { code?: unknown }).code))) throw error
      await sleep(pause)
    }
  }
}

/** A transaction in which each statement sees what was written before it, whatever the database's default is. */
export async function inTransaction<T>(db: Db, work: (transaction: Db) => Promise<T>): Promise<T> {
  const transaction = db.transaction().setIsolationLevel('read committed')
  return repeated(() => transaction.execute(work), Number.POSITIVE_INFINITY)
}
