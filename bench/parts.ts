// What every bench runs on: a real PostgreSQL with the settings it comes with (each commit reaches the disk), a real
// livekit-server, and the service as it runs in production, built and in a process of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { RoomServiceClient } from 'livekit-server-sdk'
import type { Customer } from '../accept/customer.ts'
import { forEachLimited } from '../accept/for-each-limited.ts'
import { type Replica, startReplica } from '../accept/replica.ts'
import { findLivekitServer } from '../demo/livekit-binary.ts'
import { type LivekitOptions, startLivekitServer } from '../demo/livekit-server.ts'
import { startPostgres } from '../demo/postgres.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { migrate } from '../src/repositories/migrate.ts'
import { createCustomers } from './crowd.ts'

export type Parts = Awaited<ReturnType<typeof startParts>>

export const agentName = 'voice-agent'

/** Starts them; `room` changes that section of LiveKit's configuration. */
export async function startParts(room: LivekitOptions['room'] = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-bench-'))
  const log = (name: string) => join(directory, `${name}.log`)
  const postgres = await startPostgres({
    directory: join(directory, 'postgres'),
    logFile: log('postgres'),
    settings: { max_connections: '300' },
  })
  const db = createDatabase(postgres.url(), { max: 4 })
  await migrate(db)
  const livekit = await startLivekitServer({
    program: await findLivekitServer((line) => process.stderr.write(`${line}\n`)),
    directory: join(directory, 'livekit'),
    logFile: log('livekit'),
    room,
  })
  const rooms = new RoomServiceClient(livekit.url, livekit.apiKey, livekit.apiSecret)
  const customers = await createCustomers(db, 16)
  const services: Replica[] = []
  /** What the service is started with. */
  const environment = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    DATABASE_URL: postgres.url(),
    LIVEKIT_URL: livekit.url,
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
    LIVEKIT_AGENT_NAME: agentName,
    METRICS_PORT: '0',
    RATE_LIMIT_PER_MINUTE: '100000000',
  }

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
