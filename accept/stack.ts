// The real parts of an acceptance run: PostgreSQL, livekit-server, replicas of the service and, where wanted, an agent
// worker, each a process of its own that can be killed, and a relay through which LiveKit's webhooks come.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RoomServiceClient } from 'livekit-server-sdk'
import { findLivekitServer } from '../demo/livekit-binary.ts'
import { type LivekitOptions, type RunningLivekit, startLivekitServer } from '../demo/livekit-server.ts'
import { type RunningPostgres, startPostgres } from '../demo/postgres.ts'
import type { RunningProcess } from '../demo/processes.ts'
import { startWorker } from '../demo/worker.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { migrate } from '../src/repositories/migrate.ts'
import type { Db } from '../src/repositories/schema.ts'
import { startRelay, type WebhookRelay } from './relay.ts'
import { type Replica, startReplica } from './replica.ts'

export { type Customer, createCustomer } from './customer.ts'
export type { Replica } from './replica.ts'

export interface StackOptions {
  /** How many replicas of the service; 1. */
  replicas?: number
  /** Variables of the service over the defaults, such as DATABASE_URL through a proxy. */
  environment?: (parts: { postgres: RunningPostgres; livekit: RunningLivekit }) => Record<string, string>
  room?: LivekitOptions['room']
  /** Whether an agent worker runs; false. */
  worker?: boolean
}

export interface Stack {
  directory: string
  postgres: RunningPostgres
  livekit: RunningLivekit
  relay: WebhookRelay
  replicas: Replica[]
  worker: RunningProcess | undefined
  /** The service's own database, asked directly. */
  db: Db
  rooms: RoomServiceClient
  startWorker(): Promise<RunningProcess>
  /** One more replica, with these variables over the others'; no webhooks are sent to it. */
  startReplica(changes: Record<string, string>): Promise<Replica>
  /** Starts PostgreSQL again, after it was killed, under the same address. */
  restartPostgres(): Promise<void>
  stop(): Promise<void>
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-accept-'))
  const log = (name: string) => join(directory, `${name}.log`)
  process.stderr.write(`logs are in ${directory} until it passes\n`)
  const cluster = {
    directory: join(directory, 'postgres'),
    logFile: log('postgres'),
    settings: { max_connections: '500' },
  }
  const postgres = await startPostgres(cluster)
  const db = createDatabase(postgres.url(), { max: 4 })
  await migrate(db)

  const relay = await startRelay()
  const program = await findLivekitServer((line) => process.stderr.write(`${line}\n`))
  const livekit = await startLivekitServer({
    program,
    directory: join(directory, 'livekit'),
    logFile: log('livekit'),
    webhookUrl: relay.url,
    ...(options.room && { room: options.room }),
  })
  const agentName = 'voice-agent'
  const environment = {
    HOST: '127.0.0.1',
    DATABASE_URL: postgres.url(),
    LIVEKIT_URL: livekit.url,
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
    LIVEKIT_AGENT_NAME: agentName,
    METRICS_PORT: '0',
    RATE_LIMIT_PER_MINUTE: '1000000',
    ...options.environment?.({ postgres, livekit }),
  }
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
    rooms: new RoomServiceClient(livekitUrl, apiKey, apiSecret),
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
      stack.postgres = await startPostgres({ ...cluster, port: postgres.port })
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
