// What an agent may be set to: a configuration that is no JSON object, or would not reach a worker as it stands, is refused with
// one line and exit 2, and nothing changes.
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { admin, refuses } from './command-line.ts'
import { build, cloneDatabase } from './helper.ts'
import { query } from './processes.ts'

t.setTimeout(600_000)

const agents = (url: string) => query('SELECT * FROM agents ORDER BY id', [], url)

/** A configuration of so many bytes as compact JSON. */
const ofBytes = (count: number) => ({ texts: 'ü'.repeat((count - 12) / 2) })
/** An object of so many levels, itself the first. */
const ofLevels = (count: number) => `${'{"a":'.repeat(count - 1)}{}${'}'.repeat(count - 1)}`

t.test('exit 2: a file that is no configuration', async (t) => {
  const { organization } = await build(t)
  const url = await cloneDatabase()
  const directory = t.testdir()
  const before = await agents(url)
  const update = ['agent', 'update', '--id', organization.pipelineAgent, '--name', 'new', '--config']
  const contents: [RegExp, string | Buffer][] = [
    [/It must be JSON: /, ''],
    [/It must be JSON: /, '{"a": 1,}'],
    [/It must be JSON: /, "{'a': 1}"],
    [/It must be UTF-8: /, Buffer.from('{"a": "\xfc"}', 'latin1')],
    [/It must be a JSON object/, 'null'],
    [/It must be a JSON object/, '[{}]'],
    [/It must be a JSON object/, '"text"'],
    [/It must be at most 32768 bytes of JSON/, JSON.stringify(ofBytes(32_770))],
    [/It must be at most 32768 bytes of JSON/, ' '.repeat(1024 * 1024 + 1)],
    [/must not hold U\+0000/, '{"a": ["\\u0000"]}'],
    [/must not hold U\+0000/, '{"a\\u0000": 1}'],
    [/or half a surrogate pair/, '{"a": {"b": "\\ud83d"}}'],
    [/numbers beyond 9007199254740991/, '{"a": 9007199254740993}'],
    [/numbers beyond 9007199254740991/, '{"a": -1e400}'],
    [/more than 32 levels deep/, ofLevels(33)],
    [/more than 32 levels deep/, `{"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ]
  const files = contents.map(([line, content], index): [RegExp, ...string[]] => {
    writeFileSync(`${directory}/${index}.json`, content)
    return [line, ...update, `${directory}/${index}.json`]
  })
  await refuses(t, 2, url, [
    ...files,
    [/It cannot be read: ENOENT/, ...update, `${directory}/none.json`],
    [/It cannot be read: EISDIR/, ...update, directory],
    [/It must be at most 32768 bytes of JSON/, ...update, '/dev/zero'],
    [/'--config <file>' argument missing/, ...update],
  ])
  const create = ['agent', 'create', '--org', organization.id, '--name', 'A', '--architecture', 'text', '--config']
  await refuses(t, 2, url, [[/It cannot be read: ENOENT/, ...create, `${directory}/none.json`]])
  t.strictSame(await agents(url), before, 'nothing has changed')
})

t.test('exit 2: a name, a worker or a limit that cannot be', async (t) => {
  const { organization } = await build(t)
  const url = await cloneDatabase()
  const before = await agents(url)
  const update = ['agent', 'update', '--id', organization.pipelineAgent]
  const create = ['agent', 'create', '--org', organization.id, '--architecture', 'text', '--name']
  await refuses(t, 2, url, [
    [/1 to 200 characters/, ...create, 'a'.repeat(201)],
    [/1 to 200 characters/, ...create, ' '],
    [/1 to 200 characters/, ...update, '--name', ''],
    [/1 to 200 characters/, ...update, '--name', '😀'.repeat(201)],
    [/a name without quotes or blanks around it/, ...update, '--worker-name', ''],
    [/a name without quotes or blanks around it/, ...update, '--worker-name', 'worker '],
    [/a name without quotes or blanks around it/, ...update, '--worker-name', 'wor\u200Bker'],
    [/a name without quotes or blanks around it/, ...update, '--worker-name', "'worker'"],
    [/a whole number from 1 to 1440/, ...update, '--max-call-minutes', '0'],
    [/a whole number from 1 to 1440/, ...update, '--max-call-minutes', '1441'],
    [/a whole number from 1 to/, ...update, '--credits-per-minute', '0'],
    [/unknown option '--no-config'/, ...create, 'A', '--no-config'],
  ])
  t.strictSame(await agents(url), before, 'nothing has changed')
})

t.test('a configuration may be as large and as deep as is said, and names and texts are what they are', async (t) => {
  const { organization } = await build(t)
  const url = await cloneDatabase()
  const file = `${t.testdir()}/config.json`
  const configs = [
    '{}',
    JSON.stringify(ofBytes(32_768), null, 2),
    ofLevels(32),
    '{"__proto__": {"a": 1}, "constructor": "\\u0001 \\ud83d\\ude00 \\u2028", "n": [9007199254740991, -0.1, 1e-7]}',
  ]
  for (const config of configs) {
    writeFileSync(file, config)
    await admin(t, url, 'agent', 'update', '--id', organization.pipelineAgent, '--config', file)
    const [stored] = await query('SELECT config::text FROM agents WHERE id = $1', [organization.pipelineAgent], url)
    t.strictSame(Object.entries(JSON.parse(stored.config)).sort(), Object.entries(JSON.parse(config)).sort())
  }
})
