// What every bench runs on: a real PostgreSQL with the settings it comes with (each commit reaches the disk), a real
// livekit-server, and the service as it runs in production, built and in a process of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Customer } from '../accept/customer.ts'
import { forEachLimited } from '../accept/for-each-limited.ts'
import { startPostgresAndLivekit } from '../accept/postgres-and-livekit.ts'
import { type Replica, startReplica } from '../accept/replica.ts'
import type { LivekitOptions } from '../demo/livekit-server.ts'
import { createCustomers } from './crowd.ts'

export type Parts = Awaited<ReturnType<typeof startParts>>

/** Starts them; `room` changes that section of LiveKit's configuration, whose events go to `eventsUrl`, if anywhere. */
export async function startParts(room: LivekitOptions['room'] = {}, eventsUrl?: string) {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-bench-'))
  const log = (name: string) => join(directory, `${name}.log`)
  const base = await startPostgresAndLivekit({ directory, maxConnections: 300, room, ...(eventsUrl && { eventsUrl }) })
  const { postgres, livekit, db, rooms } = base
  const customers = await createCustomers(db, 16)
  const services: Replica[] = []
  const environment = { NODE_ENV: 'production', ...base.environment }

  /** Starts the service with these variables over the usual ones; `script` is another build of it. */
  async function startService(changes: Record<string, string> = {}, script?: string): Promise<Replica> {
    const service = await startReplica({ ...environment, ...changes }, log(`service-${services.length}`), script)
    services.push(service)
    return service
  }

  /** Ends every room and forgets every session: the next round begins like the first. */
  async function clean(): Promise<void> {
    await sql`TRUNCATE voice_sessions, participants`.execute(db)
    await sql`UPDATE organizations SET open_sessions = 0`.execute(db)
    await forEachLimited(await rooms.listRooms(), 16, ({ name }) => rooms.deleteRoom(name))
  }

  async function stop(): Promise<void> {
    await db.destroy()
    for (const { process } of services) await process.stop()
    await livekit.stop()
    await postgres.stop()
    for (const path of [directory, postgres.directory]) rmSync(path, { recursive: true, force: true })
  }

  // Customers have credits for every bench.
  const customer = customers[0] as Customer
  return { log, postgres, livekit, db, customers, customer, environment, startService, clean, stop }
}
