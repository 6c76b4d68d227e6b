// What one run takes place in: two replicas, LiveKit, the events on their way, and the time that passes for all of them.
import { LiveKitFailed, ServiceUnavailable } from '../../../src/errors.ts'
import type { Clock, SimulatedDatabase } from './clock.ts'
import type { Customer } from './customer.ts'
import type { Account } from './ledger.ts'
import { SimulatedLiveKit } from './livekit.ts'
import { type Cut, Operation } from './operation.ts'
import { Post } from './post.ts'
import type { Replica, Surroundings } from './replica.ts'

const reaperInterval = 5000
/** The replicas take turns: each sweeps every 20 s. */
const sweepInterval = 10_000
const start = Date.UTC(2030, 0, 1)

export class World {
  readonly clock: Clock = { now: start }
  readonly post = new Post(this.clock, ({ room }) => this.uncertain.add(room.name))
  readonly livekit = new SimulatedLiveKit(this.clock, (event) => this.post.send(event))
  readonly customers: Customer[] = []
  /** As they were after the last step. */
  accounts: Account[] = []
  /** Rooms of sessions that were answered with 200: a caller holds a token. */
  readonly answered = new Map<string, Customer>()
  /** By Idempotency-Key: the room that it was last answered with. */
  readonly keys = new Map<string, string>()
  /** Rooms of which LiveKit has not told all, or told it late: a minute more than was talked may be charged. */
  readonly uncertain = new Set<string>()
  /** How many connections have died, by room. */
  readonly deaths = new Map<string, number>()
  /** Rooms whose talk went on while it could not be ended or seen: less than was talked may be charged. */
  readonly spared = new Set<string>()
  /** What must not have happened. */
  readonly problems: unknown[] = []
  readonly #replicas: Replica[]
  readonly #database: SimulatedDatabase
  #paused: { replica: Replica; operation: Operation }[] = []
  #turn = 0
  #ticks = 0

  constructor(database: SimulatedDatabase, replicas: Replica[], surroundings: Surroundings) {
    this.#database = database
    this.#replicas = replicas
    surroundings.livekit = this.livekit
    surroundings.query = this.query
    surroundings.failed = (error) => this.judge(error)
    for (const replica of replicas) replica.restart()
  }

  query: Surroundings['query'] = (query) => this.#database.at(this.clock, query)

  replica(index: number): Replica {
    return this.#replicas[index % this.#replicas.length] as Replica
  }

  /** An error that says that something cannot be reached is an answer; any other is a bug. */
  judge(error: unknown): void {
    if (error && !(error instanceof ServiceUnavailable) && !(error instanceof LiveKitFailed)) this.problems.push(error)
  }

  /** Lets a replica work; the error that it ended with. */
  async run(replica: Replica, work: () => Promise<unknown>, cut?: Cut): Promise<unknown> {
    const operation = new Operation(cut)
    const error = await operation.run(work)
    if (operation.isPaused) this.#paused.push({ replica, operation })
    return error
  }

  /** A paused piece of work goes on. */
  async resume(index: number): Promise<void> {
    const [paused] = this.#paused.splice(index % Math.max(1, this.#paused.length), 1)
    this.judge(await paused?.operation.resume())
  }

  /** The longer it takes to make a room, the less is known of how far the clocks are apart. */
  doubtClocks(): void {
    if (this.livekit.skew !== 0) for (const name of this.livekit.rooms.keys()) this.uncertain.add(name)
  }

  get hasPaused(): boolean {
    return this.#paused.length > 0
  }

  /** The process of a replica dies, with all that it was doing. */
  crash(replica: Replica): void {
    this.#paused = this.#paused.filter((paused) => paused.replica !== replica)
    replica.restart()
  }

  /** Time passes for LiveKit, and for the service while it is up. */
  async pass(milliseconds: number, isUp = true): Promise<void> {
    const end = this.clock.now + milliseconds
    for (;;) {
      const tickAt = start + (this.#ticks + 1) * reaperInterval
      const next = Math.min(end, this.livekit.nextAt, this.post.nextAt, isUp ? tickAt : end)
      this.clock.now = Math.max(this.clock.now, next)
      this.livekit.happen()
      await this.#deliver(isUp)
      if (isUp && this.clock.now === tickAt) await this.#tick()
      if (this.clock.now === end) break
    }
    this.#ticks = Math.floor((end - start) / reaperInterval)
  }

  async #tick(): Promise<void> {
    this.#ticks++
    const replica = this.replica(this.#ticks)
    this.judge(await this.run(replica, replica.reap))
    const sweeps = (this.#ticks * reaperInterval) / sweepInterval
    const sweeping = this.replica(sweeps)
    if (Number.isInteger(sweeps)) this.judge(await this.run(sweeping, sweeping.sweep))
  }

  async #deliver(isUp: boolean): Promise<void> {
    for (const event of this.post.take()) {
      if (!isUp) this.uncertain.add(event.room.name)
      else if ((await this.replica(this.#turn++).receive(event)) !== 200) this.problems.push(event)
    }
  }
}
