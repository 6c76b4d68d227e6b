// soak: very many sessions, created and ended, through one process: its memory and its slowest answers must not grow.
import { service } from './contestants.ts'
import { type Contestant, load, median } from './load.ts'
import { type Outcome, rounded } from './outcome.ts'
import { startParts } from './parts.ts'
import { residentOf } from './processes.ts'

const concurrency = 16

/** A creation, then the end of what was created, and so on. */
function createAndEnd(contestant: Contestant): Contestant {
  const created: string[] = []
  return {
    ...contestant,
    next: () => {
      const room = created.pop()
      const request = contestant.next()
      return room ? { ...request, method: 'DELETE', path: `${request.path}/${room}`, body: '' } : request
    },
    onAnswer: (text) => {
      const { token, room_name } = JSON.parse(text)
      if (token) created.push(room_name)
    },
  }
}

export async function soak({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const replica = await parts.startService()
  const contestants = parts.customers.slice(0, 8).map((customer) => createAndEnd(service(replica, [customer])))
  const sessions = short ? 10_000 : 200_000
  const partCount = short ? 10 : 20
  const each = (2 * sessions) / partCount / contestants.length
  const memory: number[] = []
  const p99s: number[] = []
  for (let part = 0; part < partCount; part++) {
    const loads = await Promise.all(
      contestants.map((contestant) =>
        load(contestant, { concurrency: concurrency / contestants.length, requests: each }),
      ),
    )
    memory.push(residentOf(replica.process.pid))
    p99s.push(median(loads.map(({ p99 }) => p99)))
  }
  await parts.stop()
  const tenth = partCount / 10
  const earlier = median(p99s.slice(tenth, -tenth))
  const last = median(p99s.slice(-tenth))
  // Garbage comes and goes: one look at the memory says little.
  const fifth = partCount / 5
  const growth = median(memory.slice(-fifth)) / median(memory.slice(0, fifth))
  return {
    rows: memory.map((megabytes, index) => ({
      sessions: ((index + 1) * sessions) / partCount,
      resident_mb: rounded(megabytes),
      p99_ms: rounded(p99s[index] as number),
    })),
    targets: [
      { what: 'memory in the last fifth beside the first', reached: growth, most: 1.1 },
      { what: 'p99 of the last tenth beside those before', reached: last / earlier, most: 1.25 },
    ],
  }
}
