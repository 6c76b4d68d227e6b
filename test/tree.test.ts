// The tree: what no file of the repository may be or hold.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { tree } from './files.ts'

t.test('no file of code has more than 150 lines: past that it has two subjects', async (t) => {
  const code = tree.filter((path) => /\.(ts|js|mjs|tsx|html)$/.test(path) && !path.endsWith('.gen.ts'))
  t.ok(code.length > 40)
  for (const path of code) t.ok(readFileSync(path, 'utf8').trimEnd().split('\n').length <= 150, path)
})

t.test('nothing is left to do, and nothing points out of the repository', async (t) => {
  const [later, outside] = [/\bTO[D]O\b|\bFIXM[E]\b/, /\bshare[d]\//]
  for (const path of tree) {
    const text = readFileSync(path, 'utf8')
    t.notMatch(text, later, path)
    t.notMatch(text, outside, path)
  }
})

t.test('no folder or file is named after nothing in particular', async (t) => {
  const vague = /^(services?|utils?|helpers|types|middlewares?|common|lib|index\.ts|utils?\.ts)$/
  for (const path of tree.filter((path) => path.startsWith('src/')))
    t.notOk(
      path.split('/').some((part) => vague.test(part)),
      path,
    )
})
