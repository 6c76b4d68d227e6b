// Standard Webhooks: a body has less than 20 kB, whatever the context of a call is. It is the largest that the contract allows, of
// characters that take the most bytes in JSON.
import t from 'tap'
import { build } from './helper.ts'
import { recorded, recording } from './recorded.ts'

const maxBytes = 20_000
const maxMetadataBytes = 8192

const names = (count: number) => Array.from({ length: count }, (_, index) => String(index).padStart(40, '_'))
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

/** As many of the character, in as many texts, as metadata may have. */
function fullOf(character: string): Record<string, string> {
  const metadata: Record<string, string> = {}
  for (const name of names(50)) {
    const left = maxMetadataBytes - bytesOf({ ...metadata, [name]: '' })
    if (left < 0) break
    const escaped = bytesOf(character) - 2
    metadata[name] = character.repeat(Math.min(500, Math.floor(left / escaped)))
  }
  return metadata
}

t.test('the body of an event has less than 20 kB', async (t) => {
  const service = await build(t)
  await recording(service)
  const { organization, db } = service
  // Nobody has asked for that, but nothing forbids it: an agent's name of control characters.
  await db
    .updateTable('agents')
    .set({ name: '\u0001'.repeat(200) })
    .where('id', '=', organization.pipelineAgent)
    .execute()
  for (const character of ['\u0001', '"', '\\', '\n', '\u2028', '\u007f', 'é', '😀', 'a']) {
    const metadata = fullOf(character)
    const what = `U+${character.codePointAt(0)?.toString(16)}: ${Object.keys(metadata).length} texts`
    t.ok(bytesOf(metadata) > maxMetadataBytes - 100 && bytesOf(metadata) <= maxMetadataBytes, what)
    const user_identifier = (/\p{Cc}/u.test(character) ? '😀' : character).repeat(256)
    const { status, json } = await service.post(
      JSON.stringify({ agent_id: organization.pipelineAgent, metadata, user_identifier }),
    )
    t.equal(status, 200, what)
    await service.app.calls.settle(json.room_name, { end_reason: 'agent_unavailable', until: 'now' })
  }
  const sizes = (await recorded(service)).map(({ body }) => Buffer.byteLength(body))
  t.equal(sizes.length, 18, 'call.ended and call.failed of each')
  t.ok(Math.max(...sizes) < maxBytes, `${Math.max(...sizes)} bytes`)
  t.ok(Math.max(...sizes) > maxMetadataBytes, 'with all of the metadata')
})
