// Every body that is recorded is what the document says: of each type, with and without what may be absent.
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { sql } from 'kysely'
import t from 'tap'
import { writeTest } from '../src/repositories/redeliveries.ts'
import { document, webhooks } from './document.ts'
import { createEndpoint } from './endpoints.ts'
import { fact } from './fact.ts'
import { build } from './helper.ts'
import { grant, recorded, recording } from './recorded.ts'

const ajv = ajvFormats.default(new Ajv2020({ strict: false }))
const { Event } = document.components.schemas
const isEvent = ajv.compile(Event)
const bodies = new Map(
  webhooks.map(({ path, operation }) => [path, ajv.compile(operation.requestBody.content['application/json'].schema)]),
)
/** As strict as what is sent today: whoever reads the document may rely on every field being in it. */
const known = (type: string) =>
  Object.keys(
    webhooks.find(({ path }) => path === type)?.operation.requestBody.content['application/json'].schema.properties.data
      .properties ?? {},
  )

t.test('what the ledger records is one kind of Event, with no field that is not described', async (t) => {
  const service = await build(t, {}, { credits: 40 })
  await recording(service)
  const { pipelineAgent: agent_id } = service.organization
  const context = { metadata: { name: 'Zoë "Z" \\ \u2028' }, user_identifier: 'x&y' }
  for (const body of [{ agent_id, ...context }, { agent_id }]) {
    const { json } = await service.post(JSON.stringify(body))
    for (const kind of ['caller', 'agent'] as const) await fact(service, json.room_name, kind)
    await service.app.calls.settle(json.room_name, { end_reason: 'caller_left', until: 'now' })
  }
  // As sessions of earlier versions are, and where nobody came.
  const { json } = await service.create()
  await sql`UPDATE voice_sessions SET agent_version = NULL, request_id = NULL WHERE room_name = ${json.room_name}`.execute(
    service.db,
  )
  await service.app.calls.settle(json.room_name, { end_reason: 'agent_unavailable', until: 'now' })
  await grant(service, 1000)
  await grant(service, -900)
  await grant(service, -(Number(await service.credits()) - 5))
  t.equal((await service.create()).status, 402)
  const { id } = await createEndpoint(t, service)
  await writeTest(service.db, { id, organization_id: service.organization.id })

  const events = await recorded(service)
  t.strictSame([...new Set(events.map(({ type }) => type))].sort(), [...bodies.keys()].sort(), 'all types')
  t.equal(events.filter(({ type }) => type === 'call.ended').length, 3)
  for (const { type, body } of events) {
    const event = JSON.parse(body)
    const isBody = bodies.get(type)
    t.ok(isBody?.(event), `${type}: ${ajv.errorsText(isBody?.errors)}`)
    t.ok(isEvent(event), `${type} is an Event: ${ajv.errorsText(isEvent.errors)}`)
    for (const field of Object.keys(event.data)) t.ok(known(type).includes(field), `${type}: ${field} is described`)
  }
  const listed = (await service.get('/v1/events?limit=100')).json.events
  const sorted = (all: { id: string }[]) => all.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  t.strictSame(sorted(listed), sorted(events.map(({ body }) => JSON.parse(body))), 'and is listed so')
})
