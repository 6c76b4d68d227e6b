// The architecture: who may import whom, and who may touch the process.
import { readFileSync } from 'node:fs'
import t from 'tap'
import ts from 'typescript'
import { filesUnder } from './files.ts'

/**
 * The import law. Each file of src is bound by the first row that it matches; a row lists what it may import, `type:` where
 * only types. Node's own modules are listed like any other.
 */
const law: [file: string, ...imports: string[]][] = [
  ['server.ts', './app.ts', './config.ts', 'close-with-grace'],
  ['app.ts', './handlers/*', './plugins/*', 'type:./config.ts', 'fastify', '@fastify/*', 'node:*'],
  ['config.ts', '@sinclair/typebox', 'ajv', 'node:net'],
  ['errors.ts'],
  ['room-name.ts'],
  ['lifecycle.ts', 'type:./contract/*.gen.ts'],
  ['loop.ts', 'node:timers/promises', 'type:fastify'],
  ['api-key.ts', 'node:crypto', 'node:zlib'],
  ['admin.ts', './commands/*', 'commander'],
  ['commands/*', './command.ts', './session.ts', '../repositories/*', '../api-key.ts', '../room-name.ts', 'commander'],
  ['contract/generate.ts', 'yaml', 'node:*'],
  ['contract/*.gen.ts', '@sinclair/typebox'],
  ['contract/voice-session.ts', 'type:./*.gen.ts'],
  ['handlers/*', '../contract/*', '../errors.ts', 'type:fastify', 'fastify-plugin'],
  ['plugins/database.ts', '../repositories/*', '../errors.ts', 'type:fastify', 'fastify-plugin'],
  ['plugins/http/faults.ts', '../../errors.ts', 'type:fastify', 'node:*'],
  ['plugins/http/answers.ts', './faults.ts', 'plugin'],
  ['plugins/http/cors.ts', '@fastify/cors', 'plugin'],
  ['plugins/http/docs.ts', '@fastify/helmet', '@fastify/swagger', '@fastify/swagger-ui', 'plugin'],
  ['plugins/livekit/facts.ts', 'livekit-server-sdk'],
  ['plugins/livekit/create-room.ts', 'livekit-server-sdk', 'node:http', 'node:https'],
  ['plugins/livekit/livekit.ts', 'livekit-server-sdk', './facts.ts', './create-room.ts', 'plugin'],
  ['plugins/livekit/webhooks.ts', 'livekit-server-sdk', './facts.ts', 'plugin'],
  ['plugins/calls/lanes.ts', '../../errors.ts'],
  ['plugins/calls/credits.ts', './lanes.ts', 'plugin'],
  ['plugins/http/validation.ts', '@fastify/response-validation', 'ajv', 'ajv-formats', 'plugin'],
  ['plugins/calls/reaper.ts', '../../loop.ts', 'plugin'],
  ['plugins/calls/sweep.ts', '../../loop.ts', 'plugin'],
  ['plugins/metrics.ts', '../loop.ts', 'prom-client', 'plugin'],
  ['plugins/http/overload.ts', '@fastify/under-pressure', 'plugin'],
  ['plugins/http/rate-limit.ts', '@fastify/rate-limit', 'plugin'],
  ['plugins/*', 'plugin'],
  ['repositories/database.ts', './*', 'kysely', 'pg'],
  ['repositories/together.ts', './*', 'kysely', 'dataloader'],
  ['repositories/migrations/*', 'kysely'],
  ['repositories/*', './*', '../room-name.ts', 'type:../lifecycle.ts', 'kysely'],
]
/** What every plugin may import; never another plugin's file. */
const plugin = [
  '*/errors.ts',
  '*/room-name.ts',
  '*/lifecycle.ts',
  '*/api-key.ts',
  '*/contract/*.gen.ts',
  'type:fastify',
  'fastify-plugin',
  'node:*',
]

/** Who may touch `process`: what is one, and a script. */
const processes = ['server.ts', 'admin.ts', 'config.ts', 'commands/*', 'contract/generate.ts']

const matches = (pattern: string, name: string) => {
  const escaped = pattern.replaceAll(/[.+^$()[\]{}|]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`).test(name)
}

const sources = filesUnder('src').map((path) => {
  const text = readFileSync(path, 'utf8')
  const imports: { from: string; isType: boolean }[] = []
  const identifiers = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier && (node.moduleSpecifier as ts.StringLiteral).text
      const isType = ts.isImportDeclaration(node) ? node.importClause?.isTypeOnly : node.isTypeOnly
      if (from) imports.push({ from, isType: isType === true })
    }
    if (
      ts.isImportTypeNode(node) ||
      (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    )
      imports.push({ from: node.getText(), isType: false })
    if (ts.isIdentifier(node)) identifiers.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true))
  return { name: path.slice('src/'.length), text, imports, identifiers }
})

for (const { name, imports } of sources) {
  t.test(`src/${name} imports only what it may`, async (t) => {
    const [, ...row] = law.find(([file]) => matches(file, name)) ?? []
    t.ok(
      law.some(([file]) => matches(file, name)),
      'the law knows the file',
    )
    const allowed = row.flatMap((each) => (each === 'plugin' ? plugin : [each]))
    for (const { from, isType } of imports) {
      const is = (pattern: string) =>
        pattern.startsWith('type:') ? isType && matches(pattern.slice(5), from) : matches(pattern, from)
      t.ok(allowed.some(is), `${isType ? 'type ' : ''}${from}`)
    }
  })
}

t.test('every row of the law binds somebody', async (t) => {
  for (const row of law)
    t.ok(
      sources.some(({ name }) => law.find(([file]) => matches(file, name)) === row),
      row[0],
    )
})

t.test('only a process touches `process`', async (t) => {
  for (const { name, identifiers } of sources) {
    const may = processes.some((pattern) => matches(pattern, name))
    if (!may) t.notOk(identifiers.has('process'), name)
  }
})

t.test('a plugin decorates the application with one thing at most', async (t) => {
  for (const { name, text } of sources.filter(({ name }) => name.startsWith('plugins/')))
    t.ok(text.split('app.decorate(').length <= 2, name)
})

t.test('every source opens with what it is', async (t) => {
  for (const { name, text } of sources) t.match(text, /^\/\/ \S/, name)
})
