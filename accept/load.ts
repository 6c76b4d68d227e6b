// Load: customers' backends that create sessions, each with an Idempotency-Key of its own, repeat whatever may be repeated,
// and then leave the session alone, end it unused, or talk and end it.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { until } from '../test/until.ts'
import { must } from './check.ts'
import { createUntilAnswered, endUntilAnswered, type Tally } from './client.ts'
import type { Customer, Stack } from './stack.ts'
import { talk } from './talk.ts'

export interface LoadOptions {
  customers: Customer[]
  /** Backends that work side by side. */
  clients: number
  /** What each waits between two sessions, on average. */
  pauseMilliseconds: number
  tally: Tally
}

export interface Load {
  /** Lets the backends finish what they have begun; throws where one of them got an answer that it must not get. */
  stop(): Promise<void>
  /** Throws where a key gave a session other than the one it had to give. */
  judge(): Promise<{ keys: number; charged: number; replays: number }>
}

/** An Idempotency-Key that was answered with a session. */
interface Key {
  customer: Customer
  value: string
  /** The rooms that it gave, in that order. */
  rooms: string[]
}

export function startLoad(stack: Stack, { customers, clients, pauseMilliseconds, tally }: LoadOptions): Load {
  const keys: Key[] = []
  let replays = 0
  let isStopping = false

  async function use(key: Key): Promise<number> {
    const options = { idempotencyKey: key.value, tally }
    const { status, json } = await createUntilAnswered(stack.replicas, key.customer, options)
    must(status === 200 || status === 402 || status === 500, `a create was answered ${status}`)
    if (status === 200) key.rooms.push(json.room_name)
    if (key.rooms.length > 1) replays++
    return status
  }

  async function end({ customer, rooms }: Key): Promise<void> {
    const { status, json } = await endUntilAnswered(stack.replicas, customer, rooms.at(-1) as string, tally)
    must(status === 200 && json.status === 'ended', `an end was answered ${status}: ${JSON.stringify(json)}`)
  }

  /** Repeated until it is written: PostgreSQL may be down just now. */
  async function converse({ customer, rooms }: Key): Promise<void> {
    const isWritten = () =>
      talk(stack.db, customer, rooms.at(-1) as string).then(
        () => true,
        () => false,
      )
    await until(isWritten, 30_000, 'a talk cannot be written down')
  }

  async function client(index: number): Promise<void> {
    const customer = customers[index % customers.length] as Customer
    while (!isStopping) {
      const key: Key = { customer, value: randomUUID(), rooms: [] }
      if ((await use(key)) === 200) {
        keys.push(key)
        const share = Math.random()
        if (share < 0.3) await converse(key)
        if (share < 0.5) await end(key)
        if (share < 0.8) await use(key)
      }
      await sleep(2 * Math.random() * pauseMilliseconds)
    }
  }

  const running = Promise.all(Array.from({ length: clients }, (_, index) => client(index)))
  running.catch(() => {})

  return {
    async stop() {
      isStopping = true
      await running
    },

    async judge() {
      const sessions = await findSessions(stack)
      const find = (room: string) => {
        const session = sessions.get(room)
        must(session !== undefined, `${room} was given, but there is no such session`)
        must(!session.end_reason?.startsWith('create_'), `${room} was given, and ended as ${session.end_reason}`)
        return session
      }
      let charged = 0
      for (const key of keys) {
        const last = find(key.rooms.at(-1) as string)
        if (last.charged) charged++
        // A charged session is given again for its key, also after its end.
        if (last.charged) await use(key)
        for (const [index, room] of key.rooms.slice(0, -1).entries()) {
          const next = key.rooms[index + 1] as string
          if (room === next) continue
          const session = find(room)
          must(session.charged === 0, `a key gave ${next} although ${room} is open or was charged`)
          must(session.ended_at <= find(next).created_at, `a key gave ${next} before ${room} had ended`)
        }
      }
      return { keys: keys.length, charged, replays }
    },
  }
}

interface Session {
  room_name: string
  created_at: Date
  ended_at: Date
  end_reason: string | null
  charged: number | null
}

async function findSessions({ db }: Stack): Promise<Map<string, Session>> {
  const { rows } = await sql<Session>`
    SELECT room_name, created_at, ended_at, end_reason, charged FROM voice_sessions`.execute(db)
  return new Map(rows.map((row) => [row.room_name, row]))
}
