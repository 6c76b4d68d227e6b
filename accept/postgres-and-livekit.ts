// What a service needs, for scenarios and benches: a real PostgreSQL with the service's tables, and a real livekit-server.
import { join } from 'node:path'
import { RoomServiceClient } from 'livekit-server-sdk'
import { findLivekitServer } from '../demo/livekit-binary.ts'
import { type LivekitOptions, type RunningLivekit, startLivekitServer } from '../demo/livekit-server.ts'
import { type PostgresOptions, type RunningPostgres, startPostgres } from '../demo/postgres.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { migrate } from '../src/repositories/migrate.ts'
import type { Db } from '../src/repositories/schema.ts'

export type Options = Pick<LivekitOptions, 'room' | 'eventsUrl' | 'redis'> & {
  /** For data, configuration and logs. */
  directory: string
  maxConnections: number
  /** Variables of PostgreSQL's environment over our own. */
  postgresEnvironment?: Record<string, string>
}

export interface PostgresAndLivekit {
  postgres: RunningPostgres
  /** What PostgreSQL is started with again, after it was killed. */
  cluster: PostgresOptions
  livekit: RunningLivekit
  /** The service's own database, asked directly. */
  db: Db
  rooms: RoomServiceClient
  /** What the service is started with. */
  environment: Record<string, string>
}

export const agentName = 'voice-agent'

export async function startPostgresAndLivekit(options: Options): Promise<PostgresAndLivekit> {
  const { directory, maxConnections, postgresEnvironment = {}, ...livekitOptions } = options
  const cluster = {
    directory: join(directory, 'postgres'),
    logFile: join(directory, 'postgres.log'),
    settings: { max_connections: String(maxConnections) },
    environment: postgresEnvironment,
  }
  const postgres = await startPostgres(cluster)
  const db = createDatabase(postgres.url(), { max: 4 })
  await migrate(db)
  const livekit = await startLivekitServer({
    program: await findLivekitServer((line) => process.stderr.write(`${line}\n`)),
    directory: join(directory, 'livekit'),
    logFile: join(directory, 'livekit.log'),
    ...livekitOptions,
  })
  const { url, apiKey, apiSecret } = livekit
  const environment = {
    HOST: '127.0.0.1',
    DATABASE_URL: postgres.url(),
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    LIVEKIT_AGENT_NAME: agentName,
    METRICS_PORT: '0',
    RATE_LIMIT_PER_MINUTE: '100000000',
  }
  return {
    postgres,
    cluster: { ...cluster, port: postgres.port },
    livekit,
    db,
    rooms: new RoomServiceClient(url, apiKey, apiSecret),
    environment,
  }
}
