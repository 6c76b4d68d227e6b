// A replica of the service in the model: the real plugins, the handler of LiveKit's events included, on the real statements and the
// simulated LiveKit. Only timers are missing: the model says when a round begins.
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { registerCalls } from '../../../src/app.ts'
import { LiveKitFailed, ServiceUnavailable } from '../../../src/errors.ts'
import type { Lanes } from '../../../src/plugins/calls/lanes.ts'
import { createReaper } from '../../../src/plugins/calls/reaper.ts'
import { createSweep } from '../../../src/plugins/calls/sweep.ts'
import { bindRepositories } from '../../../src/plugins/database.ts'
import livekitEvents from '../../../src/plugins/livekit/livekit-events.ts'
import metricsPlugin from '../../../src/plugins/metrics/metrics.ts'
import { recordLiveKitEventArrival } from '../../../src/repositories/livekit-event-arrival.ts'
import type { Db } from '../../../src/repositories/schema.ts'
import { signLiveKitEvent } from '../../signature.ts'
import { databaseOn } from './database.ts'
import type { SimulatedLiveKit } from './livekit.ts'
import { type LiveKitEvent, workerName } from './livekit-event.ts'
import { pass } from './operation.ts'

const livekitKey = { apiKey: 'devkey', apiSecret: 'a secret that is at least 32 characters long' }
const limits = { holdMinutes: 2, maxCallMinutes: 4, agentJoinSeconds: 15 }

/** What a replica is connected to; the model changes it from run to run. */
export interface Surroundings {
  query<T>(query: (db: Db) => Promise<T>): Promise<T>
  livekit: SimulatedLiveKit
  /** Told of what the service logs as failed. */
  failed(error: unknown): void
}

export interface Replica {
  app: FastifyInstance
  reap(): Promise<void>
  sweep(): Promise<void>
  /** The status that LiveKit is answered with. */
  receive(event: LiveKitEvent): Promise<number>
  /** The process dies and comes back: what it remembered is lost. */
  restart(): void
}

const cannot = () => new ServiceUnavailable({ cause: new Error('the model says so') })

function livekitOn(surroundings: Surroundings): FastifyInstance['livekit'] {
  /** A call that LiveKit answers, unless it is out or this room's node is dead. */
  const ask = <T>(roomName: string | undefined, answer: (livekit: SimulatedLiveKit) => T, failure = cannot) =>
    pass(async () => {
      const { livekit } = surroundings
      if (livekit.isOut || livekit.rooms.get(roomName ?? '')?.isLost) throw failure()
      return answer(livekit)
    }, failure)
  return {
    url: 'ws://model',
    createRoom: ({ room_name }) =>
      ask(
        undefined,
        (livekit) => livekit.create(room_name),
        () => new LiveKitFailed({ cause: cannot() }),
      ),
    deleteRoom: (roomName) => ask(roomName, (livekit) => livekit.delete(roomName)),
    listParticipants: (roomName) => ask(roomName, (livekit) => livekit.list(roomName)),
    listRooms: (roomNames) =>
      ask(undefined, ({ rooms }) => (roomNames ? roomNames.filter((name) => rooms.has(name)) : [...rooms.keys()])),
    createToken: async () => 'token',
  }
}

export async function startReplica(surroundings: Surroundings): Promise<Replica> {
  const warn = ({ err }: { err?: unknown }) => err && surroundings.failed(err)
  const silent = () => {}
  const logger = { level: 'info', info: silent, debug: silent, trace: silent, silent, warn, error: warn, fatal: warn }
  const loggerInstance = { ...logger, child: () => loggerInstance }
  const app = Fastify({ loggerInstance: loggerInstance as never }) as unknown as FastifyInstance
  const named = (name: string) => fp(async () => {}, { name })
  const db = databaseOn((query) => surroundings.query(query))
  const pools = { request: db, settlement: db, background: db, usage: db, delivery: db }
  app.decorate('repositories', bindRepositories(pools))
  app.decorate('livekit', livekitOn(surroundings))
  app.decorate('isClosing', () => false)
  // A piece of work that was killed or is paused would keep its place for good: a replica that dies has none.
  const atOnce: Lanes = (_name, task) => task()
  app.decorate('lanes', {
    hold: atOnce,
    read: atOnce,
    usage: atOnce,
    settlement: atOnce,
    verdict: atOnce,
    end: atOnce,
    livekitEvent: atOnce,
  })
  app.decorate('deletions', {
    begin(roomName) {
      app.livekit.deleteRoom(roomName).catch(() => {})
      return true
    },
    keepOnly: silent,
  })
  for (const name of ['database', 'livekit', 'organization-lanes', 'deletions']) await app.register(named(name))
  await app.register(metricsPlugin, { port: 0, host: '' })
  await registerCalls(app, { LIVEKIT_AGENT_NAME: workerName, MAX_CALL_MINUTES: limits.maxCallMinutes })
  await app.register(livekitEvents, livekitKey)
  await app.ready()

  const replica: Replica = {
    app,
    async reap() {
      // A look that was killed is never over: each round begins as a new process would.
      const { round, idle } = createReaper(app, limits)
      for (const kind of ['well', 'ending', 'troubled'] as const) await round(kind)
      await idle()
    },
    sweep: createSweep(app),
    async receive(event) {
      const body = JSON.stringify(event)
      const headers = { 'content-type': 'application/webhook+json', authorization: signLiveKitEvent(body, livekitKey) }
      const { statusCode } = await app.inject({ method: 'POST', url: '/webhooks/livekit', headers, body })
      // How often it is written goes by the clock of the process.
      if (statusCode === 200) await surroundings.query(recordLiveKitEventArrival)
      return statusCode
    },
    restart() {
      replica.sweep = createSweep(app)
    },
  }
  return replica
}
