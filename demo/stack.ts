// Everything a call needs, each part a process of its own: PostgreSQL and LiveKit unless they are given, the service, an
// agent worker, and a page to call with.
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from '../src/repositories/schema.ts'
import { type FilledDatabase, fillDatabase, fillGivenDatabase } from './database.ts'
import { insecureHosts, replaceEndpoint } from './endpoint.ts'
import { findLivekitServer } from './livekit-binary.ts'
import { startLivekitServer } from './livekit-server.ts'
import { startPostgres } from './postgres.ts'
import { type RunningProcess, tailOf } from './processes.ts'
import type { Seed } from './seed.ts'
import { startService } from './service.ts'
import type { GivenLivekit, Settings } from './settings.ts'
import { buildPage, startBackendProxy } from './web.ts'
import { startWorker } from './worker.ts'

export interface Stack {
  db: Db
  databaseUrl: string
  seed: Seed
  livekit: GivenLivekit
  /** Null where the part was given and is not ours. */
  pids: { service: number; worker: number; web: number; livekit: number | null; postgres: number | null }
}

export interface StackOptions {
  /** For logs, data and configuration. */
  directory: string
  settings: Settings
  say: (line: string) => void
  /** Told once, when a part ends that should not. */
  onDeath: (error: Error) => void
}

/** Starts what can be started side by side; answers when everything is ready. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { directory, settings, say } = options
  const logFile = (name: string) => join(directory, `${name}.log`)
  const watch = <Part extends RunningProcess>(part: Part): Part => {
    void part.exited.then((end) => {
      options.onDeath(new Error(`${part.name} ended with ${end}. ${tailOf(part.logFile)}`))
    })
    return part
  }

  async function databasePart() {
    const keyFile = join(directory, 'keys.json')
    const filled = (part: FilledDatabase) => {
      say('tables migrated; organizations, agents and keys are there')
      return part
    }
    const url = settings.databaseUrl
    if (url !== undefined) {
      say('using the PostgreSQL of DATABASE_URL')
      return { url, pid: null, ...filled(await fillGivenDatabase(url, keyFile, settings.livekit === undefined)) }
    }
    const postgres = watch(
      await startPostgres({ directory: join(directory, 'postgres'), logFile: logFile('postgres') }),
    )
    const isInside = postgres.directory.startsWith(realpathSync(directory))
    const moved = isInside ? '' : `, data in ${postgres.directory}: its account cannot enter .demo`
    say(`PostgreSQL ${postgres.version} on port ${postgres.port}${moved}`)
    return { url: postgres.url(), pid: postgres.pid, ...filled(await fillDatabase(postgres.url(), keyFile)) }
  }

  async function livekitPart(): Promise<{ livekit: GivenLivekit; pid: number | null }> {
    if (settings.livekit !== undefined) {
      say(`using the LiveKit at ${settings.livekit.url}`)
      return { livekit: settings.livekit, pid: null }
    }
    const program = await findLivekitServer(say)
    const eventsUrl = `${settings.url}/webhooks/livekit`
    const { url, port, pid, apiKey, apiSecret } = watch(
      await startLivekitServer({ program, directory, eventsUrl, logFile: logFile('livekit') }),
    )
    say(`livekit-server (${program.found}) on port ${port}`)
    return { livekit: { url, apiUrl: url, apiKey, apiSecret }, pid }
  }

  async function workerPart({ apiUrl, apiKey, apiSecret }: GivenLivekit) {
    const { agentName } = settings
    const worker = watch(
      await startWorker({ livekitUrl: apiUrl, apiKey, apiSecret, agentName, logFile: logFile('worker') }),
    )
    say(`agent worker "${agentName}" is registered with LiveKit`)
    return worker
  }

  async function servicePart(databaseUrl: string, { url, apiKey, apiSecret }: GivenLivekit) {
    const environment = {
      HOST: settings.host,
      PORT: String(settings.port),
      METRICS_PORT: String(settings.metricsPort),
      DATABASE_URL: databaseUrl,
      LIVEKIT_URL: url,
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: apiSecret,
      LIVEKIT_AGENT_NAME: settings.agentName,
      WEBHOOK_INSECURE_HOSTS: insecureHosts(settings.webUrl),
    }
    const service = watch(await startService(settings.url, environment, logFile('service')))
    say(`service on ${settings.url}`)
    return service
  }

  async function webPart(db: Db, seeded: Seed) {
    await buildPage('web', logFile('web'))
    const { host, webPort: port, webUrl: url } = settings
    const { apiKey, agents } = seeded
    const webhookSecret = await replaceEndpoint(db, seeded.organizationId, url)
    const choice = [
      { agent_id: agents.pipeline, name: seeded.agentName },
      { agent_id: agents.realtime, name: seeded.realtimeAgentName },
    ]
    const addresses = { host, port, url, apiUrl: settings.url }
    const secrets = { apiKey, webhookSecret }
    const web = watch(await startBackendProxy({ ...addresses, ...secrets, agents: choice, logFile: logFile('web') }))
    say(`page on ${url}`)
    return web
  }

  const livekitReady = livekitPart()
  const workerReady = livekitReady.then(({ livekit }) => workerPart(livekit))
  const databaseReady = databasePart()
  const serviceReady = Promise.all([databaseReady, livekitReady]).then(([database, { livekit }]) =>
    servicePart(database.url, livekit),
  )
  const webReady = databaseReady.then(({ db, seed }) => webPart(db, seed))
  const [worker, service, web] = await Promise.all([workerReady, serviceReady, webReady])
  const [database, livekit] = [await databaseReady, await livekitReady]
  const pids = { service: service.pid, worker: worker.pid, web: web.pid, livekit: livekit.pid, postgres: database.pid }
  return { db: database.db, databaseUrl: database.url, seed: database.seed, livekit: livekit.livekit, pids }
}
