// CSV: whoever reads it by RFC 4180 gets back what was written, and no spreadsheet finds a formula in it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { csv } from '../src/commands/csv.ts'

/** The records of a text, as RFC 4180 has them. */
function parse(text: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    record.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === ',') continue
    records.push(record)
    record = []
  }
  return records
}

t.test('a header line, then a line for each row, in the order of the columns', async (t) => {
  const rows = [
    { name: 'Ana', amount: -5, at: new Date(0), metadata: { order: '427' }, absent: null },
    { name: 'Müller, "Bo"\nand sons', amount: 12, at: null, metadata: null },
  ]
  const { text } = csv(['amount', 'name', 'absent', 'at', 'metadata'], rows)
  t.equal(
    text,
    [
      'amount,name,absent,at,metadata',
      '-5,Ana,,1970-01-01T00:00:00.000Z,"{""order"":""427""}"',
      '12,"Müller, ""Bo""\nand sons",,,',
      '',
    ].join('\r\n'),
  )
  t.equal(csv(['a'], []).text, 'a\r\n', 'no rows')
})

t.test('a text that a spreadsheet would take for a formula begins with an apostrophe; a number does not', async (t) => {
  for (const start of ['=', '+', '-', '@', '\t', '\r'])
    t.strictSame(parse(csv(['a'], [{ a: `${start}1+1` }]).text)[1], [`'${start}1+1`], JSON.stringify(start))
  t.strictSame(parse(csv(['a', 'b'], [{ a: 'a=1', b: -1 }]).text)[1], ['a=1', '-1'])
})

t.test('every text comes back as it was written', async () => {
  const row = fc.record({ a: fc.string({ unit: 'binary' }), b: fc.string({ unit: fc.constantFrom(...'",\r\n=a') }) })
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const guarded = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)
      const expected = [['a', 'b'], ...rows.map(({ a, b }) => [guarded(a), guarded(b)])]
      assert.deepEqual(parse(csv(['a', 'b'], rows).text), expected)
    }),
  )
})
