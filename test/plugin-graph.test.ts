// The arrows between plugins and handlers, which no import shows: what each declares to depend on is what it reads. A value
// that is read or a property that is written must be declared. A type that is taken must only not lead back.
import { basename } from 'node:path'
import t from 'tap'
import { declared, plugins, registered } from './plugin-graph.ts'

for (const { name, file, dependencies, reads } of plugins) {
  const values = reads.filter(({ isType }) => !isType)

  t.test(`${name} declares the plugins that it reads from, and no others`, async (t) => {
    const undeclared = values.filter(({ owner }) => !dependencies.includes(owner))
    t.same(
      undeclared.map(({ owner, at }) => `${owner}: ${at}`),
      [],
      'read, and not declared',
    )
    const unread = dependencies.filter((dependency) => !values.some(({ owner }) => owner === dependency))
    t.same(unread, [], 'declared, and never read')
  })

  t.test(`${name} is registered once, after the plugins that it depends on`, async (t) => {
    const before = registered.slice(0, registered.indexOf(file))
    t.same(
      registered.filter((each) => each === file),
      [file],
      'registered once',
    )
    const late = dependencies.filter((dependency) => !before.some((each) => basename(each, '.ts') === dependency))
    t.same(late, [], 'registered too late')
  })

  t.test(`${name} does not lead back to itself, not even by a type`, async (t) => {
    t.same(circlesFrom(name), [])
  })
}

/** Whom a plugin declares, reads from or takes a type from. */
function arrowsOf(name: string): string[] {
  const plugin = plugins.find((plugin) => plugin.name === name)
  return [...new Set([...(plugin?.dependencies ?? []), ...(plugin?.reads.map(({ owner }) => owner) ?? [])])]
}

/** The shortest way from each arrow of the plugin back to it, where there is one. */
function circlesFrom(name: string): string[] {
  return arrowsOf(name).flatMap((first) => {
    const ways = [[name, first]]
    const seen = new Set([first])
    for (const way of ways) {
      const last = way.at(-1) as string
      if (last === name) return way.join(' → ')
      for (const next of arrowsOf(last).filter((next) => !seen.has(next))) {
        seen.add(next)
        ways.push([...way, next])
      }
    }
    return []
  })
}

t.test('a plugin has the name of its file', async (t) => {
  for (const { name, file } of plugins) t.equal(name, basename(file, '.ts'))
})

t.test('app.ts registers plugins and handlers, and nothing else', async (t) => {
  const files = new Set(plugins.map(({ file }) => file))
  t.same(
    registered.filter((file) => !files.has(file)),
    [],
  )
})

t.test('only plugins add to Fastify, and no two add the same property', async (t) => {
  t.ok(declared.length > 0)
  for (const { name, file } of declared) {
    t.ok(
      plugins.some((plugin) => plugin.file === file),
      `${file}: ${name}`,
    )
    const declaring = declared.filter((property) => property.name === name)
    t.equal(declaring.length, 1, `${name} is declared by ${declaring.map((property) => property.file).join(' and ')}`)
  }
})
