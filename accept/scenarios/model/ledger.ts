// The books as the model keeps them, and what must hold after every step, whatever happened.
import { sql } from 'kysely'
import { must } from '../../check.ts'
import type { World } from './world.ts'

interface Row {
  room_name: string
  organization_id: string
  status: string
  rate: number
  held: number
  charged: number | null
  seconds_billed: number | null
  end_reason: string | null
}

export interface Account {
  id: string
  credits: number
  open_sessions: number
}

/** Reasons for which a call may be ended while both are talking. */
const cuttingReasons = ['ended_by_api', 'credits_exhausted', 'max_duration']

const minutes = (milliseconds: number) => Math.ceil(Math.max(0, milliseconds) / 60_000)

export class Ledger {
  /** Sessions that were charged a minute more than was talked: only where LiveKit did not tell all. */
  overcharged = 0
  ended = 0
  exact = 0
  readonly #world: World
  readonly #settled = new Map<string, string>()

  constructor(world: World) {
    this.#world = world
  }

  get openSessions(): number {
    return this.#world.accounts.reduce((sum, account) => sum + account.open_sessions, 0)
  }

  /** Reads all and checks it against what is known. */
  async check(): Promise<void> {
    const { problems, livekit, customers } = this.#world
    if (problems.length > 0) throw problems[0]
    const { rows } = await this.#world.query((db) =>
      sql<Row>`SELECT room_name, organization_id, status, rate, held, charged, seconds_billed, end_reason FROM voice_sessions`.execute(
        db,
      ),
    )
    const accounts = await this.#world.query((db) =>
      sql<Account>`SELECT id, credits, open_sessions FROM organizations`.execute(db),
    )
    this.#world.accounts = accounts.rows
    if (livekit.isOut) for (const name of livekit.rooms.keys()) this.#world.spared.add(name)
    for (const row of rows) this.#checkSession(row)
    await this.#checkEvents(rows)
    for (const { id, granted } of customers) {
      const { credits, open_sessions } = this.#world.accounts.find((account) => account.id === id) as Account
      const own = rows.filter((row) => row.organization_id === id)
      const open = own.filter((row) => row.status !== 'ended')
      const spent = own.reduce(
        (sum, { status, held, charged }) => sum + (status === 'ended' ? Number(charged) : held),
        0,
      )
      must(granted === credits + spent, `${granted} were granted, but ${credits} are free and ${spent} spent or held`)
      must(credits >= 0, `the balance is ${credits}`)
      must(open_sessions === open.length, `${open.length} sessions are open, ${open_sessions} are counted`)
    }
  }

  /** The money and the event are one: whoever is settled is told of, once, and nobody else. */
  async #checkEvents(rows: Row[]): Promise<void> {
    const told = await this.#world.query((db) => db.selectFrom('events').select(['room_name', 'type']).execute())
    const roomsOf = (type: string) => told.filter((event) => event.type === type).map(({ room_name }) => room_name)
    const ended = rows.filter(({ status }) => status === 'ended').map(({ room_name }) => room_name)
    must(String(roomsOf('call.ended').sort()) === String(ended.sort()), `${ended} have ended, told was otherwise`)
  }

  #checkSession(row: Row): void {
    const { room_name, status, held, charged, end_reason } = row
    const is = JSON.stringify(row)
    const was = this.#settled.get(room_name)
    must(was === undefined || was === is, `what was settled has changed: ${was} became ${is}`)
    if (was) return
    // From its verdict on a session is not billed any more.
    if (status === 'active' && end_reason) this.#world.spared.add(room_name)
    if (status !== 'ended') return
    this.#settled.set(room_name, is)
    must(charged !== null && charged >= 0 && charged <= held, `charged ${charged} of ${held}`)
    this.#checkCharge(row)
    const isCutOff = this.#world.livekit.cutOff.has(room_name)
    must(!isCutOff || cuttingReasons.includes(String(end_reason)), `a live call was ended: ${is}`)
  }

  #checkCharge(row: Row): void {
    const { livekit, uncertain, spared, deaths } = this.#world
    const { room_name, rate, held, charged, seconds_billed } = row
    const talked = livekit.talk.of(room_name)
    const excess = Number(charged) / rate - minutes(talked)
    const told = `${JSON.stringify(row)} after ${talked} ms of talk`
    this.ended++
    // LiveKit's events say whole seconds. Who died counts for 20 s more where somebody comes back, and untold ends for 60 s.
    const spare = uncertain.has(room_name) ? 60 + 20 * (deaths.get(room_name) ?? 0) : 0
    must(Number(seconds_billed) <= Math.ceil(talked / 1000) + 1 + spare, `billed too much: ${told}`)
    if (excess > 0) this.overcharged++
    must(excess <= Math.ceil(spare / 60), `charged too much: ${told}`)
    if (uncertain.has(room_name) || spared.has(room_name)) return
    this.exact++
    // LiveKit's events say whole seconds, and the time of room_finished may be wrong by two.
    must(Number(charged) >= Math.min(held, rate * minutes(talked - 2000)), `charged too little: ${told}`)
  }
}
