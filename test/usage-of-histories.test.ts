// Usage is exact: whatever the history, its rows are the sums of what the sessions themselves show, and all of them together what the
// ledger took and gave back.
import fc from 'fast-check'
import t from 'tap'
import { build, type Service } from './helper.ts'
import { type PastCall, play, usageOf } from './histories.ts'

t.setTimeout(600_000)

const start = Date.parse('2024-02-27T00:00:00Z')
const days = 5
const span = { from: '2024-02-28', to: '2024-03-02' }
const figures = ['calls', 'calls_charged', 'seconds_billed', 'credits_charged', 'credits_refunded'] as const
type Row = Record<string, string | number>

/** Near midnight as often as not. */
const moment = fc.oneof(
  fc.nat(days * 86_400_000 - 1),
  fc.tuple(fc.nat(days - 1), fc.constantFrom(0, 1, 86_399_999)).map(([day, time]) => day * 86_400_000 + time),
)
const call = (agents: string[]) =>
  fc.record({
    agent_id: fc.constantFrom(...agents),
    user_identifier: fc.constantFrom(null, 'Ana', 'ana', 'Zoë'),
    ended_at: moment.map((milliseconds) => new Date(start + milliseconds)),
    seconds: fc.oneof(fc.constantFrom(0, 60, 61), fc.nat(600)),
    refunded: fc.nat(10),
    isOpen: fc.nat(9).map((number) => number === 0),
  })

async function sessionsOf({ get }: Service): Promise<Row[]> {
  const sessions: Row[] = []
  let cursor = ''
  do {
    const { json } = await get(`/v1/chat/voice-sessions?limit=100${cursor && `&cursor=${cursor}`}`)
    sessions.push(...json.sessions)
    cursor = json.next_cursor ?? ''
  } while (cursor !== '')
  return sessions
}

/** The rows as they must be, from the sessions, in JavaScript. */
function added(sessions: Row[], keyOf: (session: Row) => string): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const session of sessions) {
    const { seconds_billed, credits_charged, credits_refunded = 0 } = session
    const row = rows.get(keyOf(session)) ?? Object.fromEntries(figures.map((name) => [name, 0]))
    const charged = Number(credits_charged) > 0 ? 1 : 0
    const more = { calls: 1, calls_charged: charged, seconds_billed, credits_charged, credits_refunded }
    rows.set(keyOf(session), Object.fromEntries(figures.map((name) => [name, Number(row[name]) + Number(more[name])])))
  }
  return rows
}

const keys = {
  day: (row: Row) => String(row.day ?? String(row.ended_at).slice(0, 10)),
  agent: (row: Row) => String(row.agent_id),
  user_identifier: (row: Row) => String(row.user_identifier),
}

t.test('by day, agent and person, in pages of any size', async (t) => {
  const service = await build(t, { RATE_LIMIT_PER_MINUTE: '1000000' }, { credits: 10_000_000, maxSessions: 10_000 })
  const { pipelineAgent, realtimeAgent, textAgent } = service.organization
  const history = fc.array(call([pipelineAgent, realtimeAgent, textAgent]), {
    minLength: 2,
    maxLength: 20,
    size: 'max',
  })
  let counted = 0
  const property = fc.asyncProperty(history, fc.integer({ min: 1, max: 4 }), async (calls, limit) => {
    // What was not charged cannot be given back.
    await play(
      service,
      calls.map((call: PastCall) => ({ ...call, refunded: call.seconds > 0 ? (call.refunded ?? 0) : 0 })),
    )
    const all = await sessionsOf(service)
    const isWithin = ({ status, ended_at }: Row) =>
      status === 'ended' && String(ended_at) >= span.from && String(ended_at) < span.to
    const ended = all.filter(isWithin)
    const open = all.filter(({ status, created_at }) => status !== 'ended' && String(created_at) < span.to)
    counted = ended.length
    for (const [group_by, keyOf] of Object.entries(keys)) {
      const { rows, pages } = await usageOf(service, { ...span, group_by, limit: String(limit) })
      const shown = new Map(
        rows.map((row) => [keyOf(row), Object.fromEntries(figures.map((name) => [name, row[name]]))]),
      )
      const expected = added(ended, keyOf)
      const sorted = (rows: Map<string, Row>) => JSON.stringify([...rows].sort(([a], [b]) => (a < b ? -1 : 1)))
      if (shown.size !== rows.length || sorted(shown) !== sorted(expected))
        throw new Error(`${group_by}: ${sorted(shown)} instead of ${sorted(expected)}`)
      for (const { open_calls } of pages)
        if (open_calls !== open.length) throw new Error(`${open_calls} open calls instead of ${open.length}`)
    }
    const { rows } = await usageOf(service, { from: '2024-01-01', to: '2024-12-31' })
    const sum = (name: string) => rows.reduce((total, row) => total + row[name], 0)
    const held = all.reduce((total, { credits_held = 0 }) => total + Number(credits_held), 0)
    const left = 10_000_000 - sum('credits_charged') + sum('credits_refunded') - held
    if ((await service.credits()) !== left) throw new Error(`${await service.credits()} credits instead of ${left}`)
  })
  await fc.assert(property, { numRuns: 15, endOnFailure: true, includeErrorInReport: true })
  t.ok(counted > 10, `${counted} calls`)
})
