// soak: very many sessions, created and ended, through one process: its memory and its slowest answers must not grow.
import { Agent } from 'node:http'
import type { Customer } from '../accept/customer.ts'
import { createRequest } from './contestants.ts'
import { median, timesOf } from './figures.ts'
import { ask, atOnce } from './load.ts'
import type { Outcome } from './outcome.ts'
import { startParts } from './parts.ts'
import { residentOf } from './processes.ts'

export async function soak({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const { url, process } = await parts.startService()
  const [sessions, count] = short ? [10_000, 10] : [200_000, 20]
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const rows = []
  for (let part = 1; part <= count; part++) {
    const times: number[] = []
    let begun = 0
    await atOnce(16, async (number) => {
      const request = createRequest(parts.customers[number % 8] as Customer)
      while (begun++ < sessions / count) {
        const created = await ask(url, request, [200], agent)
        const path = `${request.path}/${JSON.parse(created.text).room_name}`
        const ended = await ask(url, { ...request, method: 'DELETE', path, body: '' }, [200], agent)
        times.push(created.milliseconds, ended.milliseconds)
      }
    })
    const { p99 } = timesOf(times)
    rows.push({ sessions: (part * sessions) / count, resident_mb: residentOf(process.pid), p99_ms: p99 })
  }
  agent.destroy()
  await parts.stop()
  const memory = rows.map((row) => row.resident_mb)
  const p99s = rows.map((row) => row.p99_ms)
  const [tenth, fifth] = [count / 10, count / 5]
  // Garbage comes and goes: one look at the memory says little.
  const growth = median(memory.slice(-fifth)) / median(memory.slice(0, fifth))
  const slower = median(p99s.slice(-tenth)) / median(p99s.slice(tenth, -tenth))
  return {
    rows,
    targets: [
      { what: 'memory in the last fifth beside the first', reached: growth, most: 1.1 },
      { what: 'p99 of the last tenth beside those before', reached: slower, most: 1.25 },
    ],
  }
}
