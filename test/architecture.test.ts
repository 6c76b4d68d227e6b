// The architecture: who may import whom, which file wraps which library, and who may touch the process.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { law, libraries } from './import-law.ts'
import { sources } from './sources.ts'

/** Who may touch `process`: what is one, and a script. */
const processes = ['server.ts', 'stop.ts', 'admin.ts', 'config.ts', 'contract/generate.ts']

const maxPluginLines = 120

const matches = (pattern: string, name: string) => {
  const escaped = pattern.replaceAll(/[.+^$()[\]{}|]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`).test(name)
}
/** True where one of the patterns allows the name; a pattern with `type` does so for types only. */
const allows = (patterns: string[], name: string, isType: boolean) =>
  patterns.some((pattern) => matches(isType ? pattern.replace(/^type /, '') : pattern, name))

const rowOf = (name: string) => Object.keys(law).find((pattern) => matches(pattern, name)) ?? ''
const isInOwnRoom = (name: string, from: string) =>
  dirname(name) === dirname(from) &&
  matches('plugins/*/*', from) &&
  sources.some((source) => source.name === from && !source.isPlugin)

for (const { name, imports } of sources) {
  t.test(`src/${name} imports only what it may`, async (t) => {
    t.ok(law[rowOf(name)], 'the law knows the file')
    const row = law[rowOf(name)] ?? []
    for (const { from, isType } of imports) {
      const mayReach =
        allows(libraries[from] ?? [], name, isType) ||
        allows(row, from, isType) ||
        (row.includes('own room') && isInOwnRoom(name, from))
      t.ok(mayReach, `${isType ? 'type ' : ''}${from}`)
    }
  })
}

t.test('every row of the law binds somebody', async (t) => {
  const bound = new Set(sources.map(({ name }) => rowOf(name)))
  for (const row of Object.keys(law)) t.ok(bound.has(row), row)
})

t.test('every library that the service installs is wrapped, and by whom it is said', async (t) => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const library of Object.keys(dependencies)) t.ok(libraries[library], library)
  for (const [library, wrappers] of Object.entries(libraries)) {
    const users = sources.filter(({ imports }) => imports.some(({ from }) => from === library))
    for (const wrapper of wrappers)
      t.ok(
        users.some(({ name }) => allows([wrapper], name, true)),
        `${library} by ${wrapper}`,
      )
  }
})

t.test('src uses nothing of the folders around it', async (t) => {
  for (const { name, imports } of sources)
    for (const { from } of imports) t.notOk(from.startsWith('..'), `${name}: ${from}`)
})

t.test('only a process touches `process`', async (t) => {
  for (const { name, identifiers } of sources) {
    const may = processes.some((pattern) => matches(pattern, name))
    if (!may) t.notOk(identifiers.has('process'), name)
  }
})

t.test('a plugin decorates the application with one thing at most, and is no longer than it may be', async (t) => {
  for (const { name, text } of sources.filter(({ name }) => name.startsWith('plugins/'))) {
    t.ok(text.split('app.decorate(').length <= 2, name)
    t.ok(text.split('\n').length - 1 <= maxPluginLines, `${name} has ${text.split('\n').length - 1} lines`)
  }
})

t.test('every source opens with what it is', async (t) => {
  for (const { name, text } of sources) t.match(text, /^\/\/ \S/, name)
})
