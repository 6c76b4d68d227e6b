// The real parts of an acceptance run: PostgreSQL, livekit-server, replicas of the service and, where wanted, an agent
// worker, each a process of its own that can be killed, and a relay through which LiveKit's events come.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RoomServiceClient } from 'livekit-server-sdk'
import type { LivekitOptions, RunningLivekit } from '../demo/livekit-server.ts'
import { type RunningPostgres, startPostgres } from '../demo/postgres.ts'
import type { RunningProcess } from '../demo/processes.ts'
import { startWorker } from '../demo/worker.ts'
import type { Db } from '../src/repositories/schema.ts'
import { agentName, startPostgresAndLivekit } from './postgres-and-livekit.ts'
import { type LiveKitEventRelay, startRelay } from './relay.ts'
import { type Replica, startReplica } from './replica.ts'

export { type Customer, createCustomer } from './customer.ts'
export type { Replica } from './replica.ts'

export interface StackOptions {
  /** How many replicas of the service; 1. */
  replicas?: number
  /** Variables of the service over the defaults, such as DATABASE_URL through a proxy. */
  environment?: (parts: { postgres: RunningPostgres; livekit: RunningLivekit }) => Record<string, string>
  room?: LivekitOptions['room']
  redis?: LivekitOptions['redis']
  /** Variables of PostgreSQL's environment over our own. */
  postgresEnvironment?: Record<string, string>
  /** Whether an agent worker runs; false. */
  worker?: boolean
}

export interface Stack {
  directory: string
  postgres: RunningPostgres
  livekit: RunningLivekit
  relay: LiveKitEventRelay
  replicas: Replica[]
  worker: RunningProcess | undefined
  /** The service's own database, asked directly. */
  db: Db
  rooms: RoomServiceClient
  startWorker(): Promise<RunningProcess>
  /** One more replica, with these variables over the others'; none of LiveKit's events are sent to it. */
  startReplica(changes: Record<string, string>): Promise<Replica>
  /** Starts PostgreSQL again, after it was killed, under the same address. */
  restartPostgres(): Promise<void>
  stop(): Promise<void>
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-accept-'))
  const log = (name: string) => join(directory, `${name}.log`)
  process.stderr.write(`logs are in ${directory} until it passes\n`)
  const relay = await startRelay()
  const { room, redis, postgresEnvironment } = options
  const base = await startPostgresAndLivekit({
    directory,
    maxConnections: 500,
    eventsUrl: relay.url,
    ...(room && { room }),
    ...(redis !== undefined && { redis }),
    ...(postgresEnvironment && { postgresEnvironment }),
  })
  const { postgres, livekit, db, rooms } = base
  const environment = { ...base.environment, ...options.environment?.({ postgres, livekit }) }
  let started = 0
  const start = (changes = {}) => startReplica({ ...environment, ...changes }, log(`service-${started++}`))
  const replicas = await Promise.all(Array.from({ length: options.replicas ?? 1 }, () => start()))
  relay.targets = replicas.map((replica) => replica.url)
  const { url: livekitUrl, apiKey, apiSecret } = livekit
  const stack: Stack = {
    directory,
    postgres,
    livekit,
    relay,
    replicas,
    worker: undefined,
    db,
    rooms,
    async startWorker() {
      stack.worker = await startWorker({ livekitUrl, apiKey, apiSecret, agentName, logFile: log('worker') })
      return stack.worker
    },
    async startReplica(changes) {
      const replica = await start(changes)
      stack.replicas.push(replica)
      return replica
    },
    async restartPostgres() {
      stack.postgres = await startPostgres(base.cluster)
    },
    async stop() {
      await relay.close()
      await db.destroy()
      const services = stack.replicas.map((replica) => replica.process)
      await Promise.all([stack.worker, ...services].map((process) => process?.stop()))
      await Promise.all([stack.livekit, stack.postgres].map((process) => process.stop()))
      for (const path of [directory, postgres.directory]) rmSync(path, { recursive: true, force: true })
    },
  }
  if (options.worker) await stack.startWorker()
  return stack
}
