// A whole call in one surrounding: created ten at once, shown, listed page by page, ended and settled, with the books in balance.
import { findDifferences } from '../../../src/repositories/audit.ts'
import { findCredits } from '../../../src/repositories/organizations.ts'
import type { Db } from '../../../src/repositories/schema.ts'
import { must } from '../../check.ts'
import { create, send, type Tally } from '../../client.ts'
import { createCustomer, type Replica } from '../../stack.ts'

const callsAtOnce = 10
const credits = 1000
const path = '/v1/chat/voice-sessions'

/** `db` is the service's database, asked directly. */
export async function makeWholeCall(replica: Replica, db: Db): Promise<Record<string, unknown>> {
  const startedAt = performance.now()
  const tally: Tally = {}
  const customer = await createCustomer(db, { credits })
  const headers = { 'x-api-key': customer.key }
  const get = (what: string) => send(replica.url, what, { headers }, tally)

  const created = await Promise.all(Array.from({ length: callsAtOnce }, () => create(replica.url, customer, { tally })))
  must(
    created.every(({ status }) => status === 200),
    `creates were answered ${created.map(({ status, json }) => `${status} ${json?.detail ?? ''}`)}`,
  )
  const { json: held } = await get('/v1/credits')
  must(held.held === callsAtOnce * 10 && held.available === credits - held.held, `credits are ${JSON.stringify(held)}`)

  const listed: string[] = []
  for (let cursor = ''; ; ) {
    const { status, json } = await get(`${path}?limit=3${cursor}`)
    must(status === 200, `the list answered ${status}`)
    listed.push(...json.sessions.map(({ room_name }: { room_name: string }) => room_name))
    if (!json.next_cursor) break
    cursor = `&cursor=${json.next_cursor}`
  }
  must(listed.length === callsAtOnce && new Set(listed).size === callsAtOnce, `${listed.length} sessions are listed`)

  await Promise.all(
    listed.map(async (roomName) => {
      const { json: shown } = await get(`${path}/${roomName}`)
      must(shown.status === 'active', `a session is ${shown.status}`)
      const age = Date.now() - new Date(shown.created_at).getTime()
      must(Math.abs(age) < 120_000, `a session was created at ${shown.created_at}`)
      const { status, json } = await send(replica.url, `${path}/${roomName}`, { method: 'DELETE', headers }, tally)
      must(status === 200 && json.status === 'ended', `DELETE answered ${status}: ${JSON.stringify(json)}`)
      must(json.credits_charged === 0, `${json.credits_charged} credits were charged for a call without talk`)
    }),
  )
  const left = await findCredits(db, customer.organizationId)
  must(left.available === credits && left.held === 0, `of ${credits} credits there are ${JSON.stringify(left)}`)
  const differences = await findDifferences(db)
  must(differences.length === 0, `the books do not balance: ${JSON.stringify(differences)}`)
  return { calls: callsAtOnce, ms: Math.round(performance.now() - startedAt), tally }
}
