// usage: what a month of an organization with a million sessions costs to add up, and what that costs others meanwhile.
import { sql } from 'kysely'
import type { Customer } from '../accept/customer.ts'
import type { Db } from '../src/repositories/schema.ts'
import { inTurn, sessionsPath } from './contestants.ts'
import { createCustomers } from './crowd.ts'
import { medians, playRounds } from './figures.ts'
import { type Contestant, type Load, load } from './load.ts'
import type { Outcome } from './outcome.ts'
import { startParts } from './parts.ts'

const days = 300
/** A tenth of them. */
const asked = { from: '2024-03-01', to: '2024-03-31' }
const groups = ['day', 'agent', 'user_identifier'] as const

/** So many sessions of one organization, evenly over the days, with 20 agents and a thousand persons, or none. */
async function fill(db: Db, { organizationId }: Customer, sessions: number): Promise<void> {
  await sql`
    INSERT INTO agents (organization_id, name, architecture, credits_per_minute)
    SELECT ${organizationId}, 'Agent ' || i, 'pipeline', 10 FROM generate_series(1, 19) i`.execute(db)
  await sql`
    WITH a AS (SELECT id, row_number() OVER () AS n FROM agents WHERE organization_id = ${organizationId})
    INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, status, wake_at, rate,
                                held, seconds_billed, charged, created_at, ended_at, end_reason, user_identifier)
    SELECT 'agent_' || a.id || '_' || k.user_id || '_' || (1700000000000 + i), ${organizationId}, k.id, k.user_id, a.id, 'Agent',
           'ended', now(), 10, 20, 90, 20, at, at, 'caller_left', CASE WHEN i % 10 > 0 THEN 'person ' || i % 1000 END
    FROM generate_series(1, ${sessions}::int) i JOIN a ON a.n = 1 + i % 20, api_keys k,
      LATERAL (SELECT timestamptz '2024-01-01T00:00:00Z' + i * ${days} * interval '1 day' / ${sessions}::int AS at) AS moment
    WHERE k.organization_id = ${organizationId}`.execute(db)
  await sql`VACUUM ANALYZE`.execute(db)
}

export async function usage({ short }: { short: boolean }): Promise<Outcome> {
  const parts = await startParts()
  const sessions = short ? 50_000 : 1_000_000
  await fill(parts.db, parts.customer, sessions)
  const [other] = (await createCustomers(parts.db, 1)) as [Customer]
  const { url } = await parts.startService({ RATE_LIMIT_PER_MINUTE: '1000000' })
  const read = (path: string, { key }: Customer): Contestant => ({
    url,
    next: inTurn([{ method: 'GET', path, headers: { 'x-api-key': key }, body: '' }]),
  })
  const [count, milliseconds] = short ? [2, 1000] : [5, 3000]
  const rounds = await playRounds(count, async () => {
    const round: Record<string, number> = {}
    for (const group of groups) {
      const query = new URLSearchParams({ ...asked, group_by: group })
      const { p50, p99 }: Load = await load(read(`/v1/usage?${query}`, parts.customer), 1, milliseconds)
      round[`${group}_p50`] = p50
      round[`${group}_p99`] = p99
    }
    const list = read(sessionsPath, other)
    round.idle = (await load(list, 1, milliseconds)).p50
    const busy = load(read(`/v1/usage?${new URLSearchParams(asked)}`, parts.customer), 4, milliseconds + 1000)
    round.beside = (await load(list, 1, milliseconds)).p50
    await busy
    return round
  })
  await parts.stop()
  const figures = medians(rounds) as Record<string, number>
  const figure = (name: string) => figures[name] as number
  return {
    rows: [
      ...groups.map((group) => ({
        name: `by ${group}`,
        p50_ms: figure(`${group}_p50`),
        p99_ms: figure(`${group}_p99`),
      })),
      { name: 'another’s list, alone', p50_ms: figure('idle') },
      { name: 'another’s list, beside four questions of usage', p50_ms: figure('beside') },
    ],
    targets: groups.map((group) => ({ what: `p99 by ${group}, ms`, reached: figure(`${group}_p99`), most: 300 })),
  }
}
