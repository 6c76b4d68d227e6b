// The catalogue of errors, the document and the guide say the same: drift in any direction fails.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import * as catalogue from '../src/errors.ts'
import { endReasons } from '../src/lifecycle.ts'
import { document, operations, refusalAnswers, refusalsOf } from './document.ts'

const { PublicError, AnswerTooLarge, ...classes } = catalogue
const errors = Object.entries(classes).map(([name, Refusal]) => ({ name, error: new Refusal() }))
/** LiveKit's own path is not in the document. */
const documented = errors.filter(({ name }) => name !== 'InvalidLiveKitEvent')
/** What is answered where no operation is reached is declared as the default. */
const outsideOperations = ['NotFound', 'MethodNotAllowed']

t.test('every code and sentence in the document are one line of the catalogue, under its status', async (t) => {
  for (const each of operations)
    for (const [status, answer] of refusalAnswers(each))
      for (const { code, detail } of refusalsOf(answer)) {
        const known = errors.filter(({ error }) => error.code === code)
        t.strictSame(
          known.map(({ error }) => error.message),
          [detail],
          `${each.id} ${status}: ${code}`,
        )
        if (status !== 'default') t.equal(String(known[0]?.error.statusCode), status, `${each.id}: ${code}`)
      }
})

t.test('every error of the catalogue is declared, with its code, its sentence and its headers', async (t) => {
  for (const { name, error } of documented) {
    const status = outsideOperations.includes(name) ? 'default' : String(error.statusCode)
    const declaring = operations.flatMap(refusalAnswers).filter(([declared, answer]) => {
      const has = ({ code, detail }: { code: string; detail: string }) =>
        code === error.code && detail === error.message
      return declared === status && refusalsOf(answer).some(has)
    })
    t.ok(declaring.length > 0, `${name}: ${status} ${error.code}`)
    for (const [, answer] of declaring) {
      const declared = Object.keys(answer.headers).map((name) => name.toLowerCase())
      for (const header of ['x-request-id', ...Object.keys(error.headers)]) t.ok(declared.includes(header), header)
    }
  }
})

t.test('a code stands for one sentence, is in the list of ErrorCode, and is no end reason', async (t) => {
  const codes = documented.map(({ error }) => error.code).sort()
  t.strictSame([...new Set(codes)], codes)
  t.equal(new Set(errors.map(({ error }) => error.message)).size, errors.length, 'and a sentence for one code')
  t.strictSame([...document.components.schemas.ErrorCode.examples].sort(), codes)
  for (const { error } of errors) {
    t.match(error.code, /^[a-z]+(_[a-z]+)*$/, error.code)
    t.notOk(
      endReasons.some((reason) => reason === error.code),
      error.code,
    )
  }
})

t.test('the guide says of every error what its code is, and what to do about it', async (t) => {
  const guide = await readFile('docs/guide.md', 'utf8')
  for (const { name, error } of documented)
    t.ok(guide.includes(`\`${error.message}\` (\`${error.code}\`)`), `${name}: ${error.message}`)
})
