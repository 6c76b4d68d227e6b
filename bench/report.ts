// docs/performance.md with its charts, written from one run of all benches.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { barChart, lineChart } from './charts.ts'
import { isMet, type Outcome, type Row, rounded, type Target } from './outcome.ts'

const docs = join(import.meta.dirname, '..', 'docs')

function table(rows: Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const line = (cells: unknown[]) => `| ${cells.join(' | ')} |`
  return [
    line(columns.map((column) => column.replaceAll('_', ' '))),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
  ].join('\n')
}

const targetTable = (targets: Target[]): string =>
  table(
    targets.map((target) => ({
      target: target.what,
      wanted: target.least === undefined ? `≤ ${target.most}` : `≥ ${target.least}`,
      reached: rounded(target.reached),
      met: isMet(target) ? 'yes' : '**no**',
    })),
  )

/** Where a bench's figures, or the machine's, belong in bench/performance.md. */
const place = /^<!-- (\w+) -->$/gm

/** Writes the document from its text, bench/performance.md, and what the benches ended with. */
export function writeReport(outcomes: Record<string, Outcome>): void {
  mkdirSync(join(docs, 'charts'), { recursive: true })
  const chart = (name: string, svg: string) => writeFileSync(join(docs, 'charts', `${name}.svg`), `${svg}\n`)
  const { create, neighbour, soak, live } = outcomes as Record<'create' | 'neighbour' | 'soak' | 'live', Outcome>
  chart('create', barChart('Sessions per second, 16 at once', create.rows, ['per_second']))
  chart('cpu', barChart('Own CPU per session, ms', create.rows.slice(1), ['cpu_ms']))
  chart('neighbour', barChart('p50 of an organization, ms', neighbour.rows, ['p50_idle_ms', 'p50_beside_ms']))
  const kept = live.rows.filter(({ what, replicas }) => what === 'upkeep' && replicas === 1)
  chart('live-cpu', lineChart('Own CPU per call-minute over live calls, ms', kept, 'calls', 'service_ms'))
  chart(
    'live-postgres',
    lineChart('PostgreSQL’s CPU per call-minute over live calls, ms', kept, 'calls', 'postgres_ms'),
  )
  chart('live-late', lineChart('Latest look over live calls, s', kept, 'calls', 'late_max_s'))
  chart('live-create', lineChart('p99 of create beside live calls, ms', kept, 'calls', 'create_p99_ms'))
  chart('soak', lineChart('Resident memory over the sessions, MB', soak.rows, 'sessions', 'resident_mb'))

  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const day = new Date().toISOString().slice(0, 10)
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${memory}, Node ${process.version}, ${day}`
  const text = readFileSync(join(import.meta.dirname, 'performance.md'), 'utf8')
  const filled = text.replaceAll(place, (_, name: string) => {
    if (name === 'machine') return machine
    const { rows, targets } = outcomes[name] as Outcome
    return targets.length === 0 ? table(rows) : `${table(rows)}\n\n${targetTable(targets)}`
  })
  writeFileSync(join(docs, 'performance.md'), filled)
}
