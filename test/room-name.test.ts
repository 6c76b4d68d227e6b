// The room name: every name that is made can be parsed back, and nothing else is one.
import fc from 'fast-check'
import t from 'tap'
import { formatRoomName, parseRoomName, userIdPattern } from '../src/room-name.ts'

const agentId = fc.uuid()
const userId = fc.stringMatching(/^[A-Za-z0-9._-]{1,128}$/)
const timestamp = fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 })
const parts = fc.record({ agentId, userId, timestamp }, { noNullPrototype: true })

const example = {
  agentId: '5b710eca-ee67-4c3a-aeb6-8b541f451b40',
  userId: 'user123',
  timestamp: 1705312800000,
}
const exampleName = 'agent_5b710eca-ee67-4c3a-aeb6-8b541f451b40_user123_1705312800000'

t.test('the documented example is what it says', async (t) => {
  t.equal(formatRoomName(example), exampleName)
  t.strictSame(parseRoomName(exampleName), example)
})

t.test('what is formatted is parsed back into the same parts', async (t) => {
  fc.assert(
    fc.property(parts, (parts) => {
      t.strictSame(parseRoomName(formatRoomName(parts)), parts)
    }),
  )
})

t.test('a user id may look like the rest of a room name', async (t) => {
  for (const userId of [
    '_',
    '1705312800000',
    'a_1705312800000',
    '_1705312800000_1705312800000',
    '.',
    '-'.repeat(128),
  ]) {
    const parts = { ...example, userId }
    t.match(userId, userIdPattern)
    t.strictSame(parseRoomName(formatRoomName(parts)), parts, userId)
  }
})

t.test('two different sessions never have one name', async (t) => {
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other)
      t.equal(formatRoomName(one) === formatRoomName(other), same)
    }),
  )
})

t.test('parts that would make another name are refused', async (t) => {
  const wrong = {
    'an upper-case agent id': { agentId: example.agentId.toUpperCase() },
    'a short agent id': { agentId: '5b710eca' },
    'no agent id': { agentId: '' },
    'no user': { userId: '' },
    'a user of 129 characters': { userId: 'a'.repeat(129) },
    'a user with a blank': { userId: 'a b' },
    'a user with a line feed': { userId: 'a\n' },
    'a user beyond ASCII': { userId: 'ü' },
    'seconds for milliseconds': { timestamp: 1_705_312_800 },
    'a fraction': { timestamp: 1_705_312_800_000.5 },
    'no number': { timestamp: Number.NaN },
    'a negative time': { timestamp: -1_705_312_800_000 },
  }
  for (const [title, part] of Object.entries(wrong))
    t.throws(() => formatRoomName({ ...example, ...part }), RangeError, title)
})

t.test('any other text is no room name', async (t) => {
  const texts = ['', 'agent_', `${exampleName}\n`, ` ${exampleName}`, `x${exampleName}`, `${exampleName}0`]
  for (const text of [
    ...texts,
    exampleName.slice(0, -1),
    exampleName.toUpperCase(),
    exampleName.replace('agent', 'room'),
  ])
    t.equal(parseRoomName(text), undefined, JSON.stringify(text))
  fc.assert(fc.property(fc.string(), (text) => t.equal(parseRoomName(text), undefined)))
})

t.test('one character that cannot be in a room name makes it none', async (t) => {
  const foreign = fc
    .string({ minLength: 1, maxLength: 1, unit: 'binary' })
    .filter((char) => !/[A-Za-z0-9._-]/.test(char))
  fc.assert(
    fc.property(parts, foreign, fc.nat(), (parts, char, position) => {
      const name = formatRoomName(parts)
      const at = position % (name.length + 1)
      t.equal(parseRoomName(name.slice(0, at) + char + name.slice(at)), undefined)
    }),
  )
})
