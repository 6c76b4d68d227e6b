// Refunds: credits of an ended session come back, at most what it was charged, once for each id.
import t, { type Test } from 'tap'
import { grantCredits } from '../src/repositories/credit-grants.ts'
import { chargedSession } from './charged.ts'
import { admin, refuses, timePattern } from './command-line.ts'
import { build, cloneDatabase, type Service, seedOrganization, until } from './helper.ts'
import { query, runAdmin } from './processes.ts'
import { oneWaits } from './waiting.ts'

const refund = (room: string, amount: number, id: string, ...args: string[]) => [
  ...['credits', 'refund', '--room', room, '--amount', String(amount), '--reason', 'noise', '--id', id],
  ...args,
]

/** What the organization, the session, and whether credits are low say about credits. */
async function amounts(t: Test, service: Service, room: string) {
  const url = await cloneDatabase()
  const { charged, refunded } = await admin(t, url, 'session', 'show', '--room', room)
  const told = 'SELECT low_at, depleted_at FROM organizations WHERE id = $1'
  const [marks] = await query(told, [service.organization.id], url)
  return { credits: await service.credits(), charged, refunded, ...marks }
}

t.test('a refund gives credits back once for each id, and is listed with who gave it and why', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const room = await chargedSession(service)
  const before = await amounts(t, service, room)
  t.match(before, { credits: 990, charged: 10, refunded: 0, low_at: '200', depleted_at: null })
  const given = { organization_id: service.organization.id, room_name: room, amount: 4, reason: 'noise' }
  const first = { id: 'ticket 7', ...given, granted_by: 'ana', granted: true, credits: 994 }
  t.strictSame(await admin(t, url, ...refund(room, 4, 'ticket 7', '--by', 'ana')), first)
  t.strictSame(
    await admin(t, url, ...refund(room, 4, 'ticket 7')),
    { ...first, granted: false },
    'a repeat gives nothing, and says who gave it',
  )
  t.strictSame(await amounts(t, service, room), { ...before, credits: 994, refunded: 4 })
  t.match(await admin(t, url, ...refund(room, 6, 'ticket 8')), { granted: true }, 'the rest')
  t.strictSame(await amounts(t, service, room), { ...before, credits: 1000, refunded: 10 })
  const { json } = await service.get(`/v1/chat/voice-sessions/${room}`)
  t.match(json, { credits_charged: 10, credits_refunded: 10 })

  const grants = await admin(t, url, 'credits', 'list', '--org', service.organization.id)
  const opening = { id: `opening-${service.organization.id}`, amount: 1000, granted_by: null, room_name: null }
  t.match(grants, [
    { id: 'ticket 8', amount: 6, created_at: timePattern, granted_by: null, room_name: room, reason: 'noise' },
    { id: 'ticket 7', amount: 4, created_at: timePattern, granted_by: 'ana', room_name: room, reason: 'noise' },
    { ...opening, created_at: timePattern, reason: null },
  ])
  t.equal(grants.length, 3)
})

t.test('exit 1 or 2: what is refused gives nothing back', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const [room, other] = [await chargedSession(service), await chargedSession(service)]
  const { json: open } = await service.create()
  const org = ['--org', service.organization.id]
  await admin(t, url, ...refund(room, 4, 'a refund'))
  await admin(t, url, ...['credits', 'grant', ...org, '--amount', '4', '--id', 'a grant', '--by', 'bo'])
  await admin(t, url, ...refund(other, 10, 'all'))
  const conflict = /a refund is the id of a refund of 4 credits of session .*, because of: noise/
  const before = await service.credits()
  await refuses(t, 1, url, [
    [/at most 6 credits are left to refund of session .*: charged 10, refunded 4/, ...refund(room, 7, 'too much')],
    [/nothing is left to refund of session .*: charged 10, refunded 10/, ...refund(other, 1, 'twice')],
    [conflict, ...refund(room, 5, 'a refund')],
    [conflict, ...refund(other, 4, 'a refund')],
    [conflict, ...refund(room, 4, 'a refund', '--reason', 'another')],
    [/a grant is the id of a grant of 4 credits to organization/, ...refund(room, 4, 'a grant')],
    [/has not ended, and is not charged yet/, ...refund(open.room_name, 1, 'open')],
    [conflict, 'credits', 'grant', ...org, '--amount', '4', '--id', 'a refund'],
  ])
  await refuses(t, 2, url, [
    [/there is no session nope/, ...refund('nope', 1, 'x')],
    [/'0' is invalid. It must be a whole number from 1/, ...refund(room, 0, 'x')],
    [/'-1' is invalid/, ...refund(room, -1, 'x')],
    [
      /required option '--reason <text>' not specified/,
      ...['credits', 'refund', '--room', room, '--amount', '1', '--id', 'x'],
    ],
  ])
  t.equal(await service.credits(), before)
  const grants = await admin(t, url, 'credits', 'list', ...org)
  t.match(grants[1], { id: 'a grant', granted_by: 'bo' })
  t.equal(grants.length, 4)
})

t.test('exit 1: a refund after which the organization would have more than can be counted', async (t) => {
  const service = await build(t)
  const url = await cloneDatabase()
  const room = await chargedSession(service)
  const rest = Number.MAX_SAFE_INTEGER - 990 - 3
  await admin(
    t,
    url,
    ...['credits', 'grant', '--org', service.organization.id, '--amount', String(rest), '--id', 'rest'],
  )
  await refuses(t, 1, url, [[/the credits would be .* more than 9007199254740991/, ...refund(room, 4, 'too many')]])
  t.match(await admin(t, url, ...refund(room, 3, 'just as many')), { granted: true })
  t.equal(await service.credits(), Number.MAX_SAFE_INTEGER)
})

t.test('of many refunds at once no more comes back than was charged, and one id refunds one session', async (t) => {
  const service = await build(t)
  const stranger = await build(t)
  const url = await cloneDatabase()
  const rooms = [await chargedSession(service), await chargedSession(stranger)]
  const asked = rooms.flatMap((room) =>
    Array.from({ length: 8 }, (_, n) => runAdmin(url, ...refund(room, 3, `id ${n}`))),
  )
  const codes = (await Promise.all(asked)).map(({ code }) => code)
  t.equal(codes.filter((code) => code === 0).length, 6, 'three of 3 credits for each of the two')
  const refunded = 'SELECT sum(amount)::int AS amount FROM credit_grants WHERE room_name = $1'
  for (const room of rooms) t.strictSame(await query(refunded, [room], url), [{ amount: 9 }])
  t.match(await admin(t, url, 'audit'), { credit_difference: 0, refund_difference: 0, refund_differences: [] })
})

t.test('exit 1: a refund under an id that another organization’s grant takes in the same moment', async (t) => {
  const service = await build(t)
  const room = await chargedSession(service)
  const stranger = await seedOrganization(service.db)
  const url = await cloneDatabase()
  const { asked } = await service.db.transaction().execute(async (db) => {
    await grantCredits(db, { id: 'same', organization_id: stranger.id, amount: 4 })
    const asked = runAdmin(url, ...refund(room, 4, 'same'))
    await until(oneWaits)
    return { asked }
  })
  t.match(await asked, { code: 1, stdout: '', stderr: /^error: same is the id of a grant of 4 credits/ })
  t.match(await amounts(t, service, room), { credits: 990, refunded: 0 })
})
