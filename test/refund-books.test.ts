// The books balance whatever was granted, held, charged and refunded, in any order.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sql } from 'kysely'
import t from 'tap'
import { findDifferences, findRefundDifferences } from '../src/repositories/audit.ts'
import { grantCredits } from '../src/repositories/credit-grants.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { extend, settle } from '../src/repositories/ledger.ts'
import { refundCredits } from '../src/repositories/refunds.ts'
import type { Db } from '../src/repositories/schema.ts'
import { cloneDatabase, seedOrganization } from './helper.ts'
import { query } from './processes.ts'

interface Step {
  do: 'grant' | 'refund' | 'open' | 'extend' | 'settle'
  session: number
  /** Of a grant and a refund. */
  id: number
  amount: number
  /** How long ago an opened session began to talk. */
  seconds: number
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('grant', 'refund', 'refund', 'open', 'extend', 'settle', 'settle'),
  ...{ session: fc.nat(3), id: fc.nat(9), amount: fc.integer({ min: 1, max: 40 }), seconds: fc.nat(200) },
})
const steps = fc.array(step, { minLength: 10, maxLength: 25 })

let histories = 0

/** Lives a history; the sums that must balance, as a reader of the tables without our code finds them. */
async function live(db: Db, url: string, history: Step[]) {
  const organization = await seedOrganization(db, { credits: 100 })
  const run = ++histories
  const room = (n: number) => `agent_${organization.pipelineAgent}_user123_${1_700_000_000_000 + n}`
  const known = { organization_id: organization.id, attempt: 1 }
  for (const step of history) {
    const room_name = room(step.session)
    if (step.do === 'grant')
      await grantCredits(db, { id: `${run}-${step.id}`, organization_id: organization.id, amount: step.amount })
    else if (step.do === 'refund')
      await refundCredits(db, { id: `${run}-${step.id}`, room_name, amount: step.amount, reason: 'x' })
    else if (step.do === 'extend') await extend(db, { room_name, ...known }, 10, new Date())
    else if (step.do === 'settle') await settle(db, room_name, { end_reason: 'caller_left', until: 'now' })
    else
      await sql`
        WITH s AS (
          INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, status, rate, held,
                                      wake_at, attempt, created_at)
          SELECT ${room_name}, id, ${organization.keyId}, 'user123', ${organization.pipelineAgent}, 'A', 'active', 10, 10,
                 now(), 1, now() - ${step.seconds} * interval '1 s'
          FROM organizations WHERE id = ${organization.id} AND credits >= 10 ON CONFLICT DO NOTHING RETURNING *
        ),
        talk AS (
          INSERT INTO participants (sid, room_name, kind, identity, joined_at, seen_at)
          SELECT kind || room_name, room_name, kind, user_id, created_at, now()
          FROM s, unnest(ARRAY['caller', 'agent']) AS kind
        )
        UPDATE organizations o SET credits = o.credits - s.held, open_sessions = open_sessions + 1
        FROM s WHERE o.id = s.organization_id`.execute(db)
  }
  const [sums] = await query(
    `SELECT o.credits::int AS free, (SELECT sum(amount) FROM credit_grants g WHERE g.organization_id = o.id)::int AS granted,
       COALESCE(sum(v.held) FILTER (WHERE v.charged IS NULL), 0)::int AS held, COALESCE(sum(v.charged), 0)::int AS charged,
       COALESCE(sum(v.refunded), 0)::int AS refunded, COALESCE(bool_and(v.refunded <= COALESCE(v.charged, 0)), true) AS is_bounded,
       (SELECT COALESCE(sum(amount), 0) FROM credit_grants g WHERE g.organization_id = o.id AND g.room_name IS NOT NULL)::int AS given_back
     FROM organizations o LEFT JOIN voice_sessions v ON v.organization_id = o.id WHERE o.id = $1 GROUP BY o.id`,
    [organization.id],
    url,
  )
  return sums
}

t.test('grants are what is free, held and charged; refunds are those of the sessions', async (t) => {
  const url = await cloneDatabase()
  const db = createDatabase(url)
  t.teardown(() => db.destroy())
  let refunded = 0
  const balances = fc.asyncProperty(steps, async (history) => {
    const sums = await live(db, url, history)
    assert.equal(sums.granted, sums.free + sums.held + sums.charged)
    assert.equal(sums.given_back, sums.refunded)
    assert.ok(sums.is_bounded)
    refunded += sums.refunded
  })
  await fc.assert(balances, { numRuns: 60 })
  t.ok(refunded > 0, 'something was refunded')
  t.strictSame([await findDifferences(db), await findRefundDifferences(db)], [[], []], 'so says the audit')
})
