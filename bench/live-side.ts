// Replicas of the service with a database of their own: this commit's, or, for a comparison, those of another checkout.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Customer } from '../accept/customer.ts'
import type { Replica } from '../accept/replica.ts'
import { freeTcpPort } from '../demo/ports.ts'
import { findDifferences } from '../src/repositories/audit.ts'
import { createDatabase } from '../src/repositories/database.ts'
import type { Db } from '../src/repositories/schema.ts'
import { createPlainCustomers } from './live-customers.ts'
import type { Parts } from './parts.ts'

export type Side = Awaited<ReturnType<typeof startSide>>

export interface SideOptions {
  /** A checkout with its packages installed. */
  checkout?: string | undefined
  replicas: number
  /** What the service calls LiveKit: the stand-in, or the real one where none is named. */
  livekitUrl?: string
  /** Writes what there is before the service starts. */
  prepare?: (side: { db: Db; customers: Customer[] }) => Promise<void>
}

const thisCheckout = join(import.meta.dirname, '..')
let sides = 0

function inCheckout(cwd: string, command: string, args: string[], changes: Record<string, string> = {}): void {
  execFileSync(command, args, { cwd, env: { ...process.env, ...changes }, stdio: ['ignore', 'ignore', 'inherit'] })
}

export async function startSide(parts: Parts, options: SideOptions) {
  const { checkout = thisCheckout, replicas: count, livekitUrl, prepare } = options
  const name = `live_${++sides}`
  await sql.raw(`CREATE DATABASE ${name}`).execute(parts.db)
  const url = parts.postgres.url(name)
  inCheckout(checkout, process.execPath, ['--import', 'tsx', 'src/admin.ts', 'migrate'], { DATABASE_URL: url })
  if (checkout !== thisCheckout) inCheckout(checkout, 'npm', ['run', '--silent', 'build'])
  const db = createDatabase(url, { max: 2 })
  const customers = await createPlainCustomers(db, 16)
  await prepare?.({ db, customers })
  const variables = { DATABASE_URL: url, ...(livekitUrl && { LIVEKIT_URL: livekitUrl }) }
  const script = checkout === thisCheckout ? undefined : join(checkout, 'dist', 'server.js')
  const replicas: (Replica & { metricsUrl: string })[] = []
  for (let number = 0; number < count; number++) {
    const port = await freeTcpPort()
    const replica = await parts.startService({ ...variables, METRICS_PORT: String(port) }, script)
    replicas.push({ ...replica, metricsUrl: `http://127.0.0.1:${port}/metrics` })
  }
  return {
    url,
    db,
    customers,
    replicas,
    /** Ends it. Throws where the books differ: figures of a service that is wrong are none. */
    async stop(): Promise<void> {
      await Promise.all(replicas.map(({ process }) => process.stop()))
      const differences = await findDifferences(db)
      await db.destroy()
      if (differences.length > 0) throw new Error(`the books differ: ${JSON.stringify(differences)}`)
    },
  }
}
