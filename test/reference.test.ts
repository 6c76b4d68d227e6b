// The static reference that `npm run build:document` writes: whole in itself, complete, and its samples run.
import { execFile } from 'node:child_process'
import t from 'tap'
import { parse } from 'yaml'
import { operationsOf } from '../reference/document.ts'
import { referencePage } from '../reference/page.ts'
import { samplesOf } from '../reference/samples.ts'
import { authored, document, type Json, operations, refusalsOf, webhooks } from './document.ts'
import { build } from './helper.ts'
import { spawnNode, typescript } from './processes.ts'

const server = 'https://voice.example.com'
const page = referencePage(parse(authored), server)

t.test('nothing of it is loaded from anywhere, and no script runs', async (t) => {
  t.notMatch(page, /<script|@import|url\(|srcset=/)
  t.match(page, `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`)
  const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link as string)
  const outside = links.filter((link) => !link.startsWith('#') && !link.startsWith('data:'))
  t.strictSame(outside, ['openapi.yaml', 'openapi.json', 'openapi-3.0.json'], 'the document itself, beside it')
})

t.test('every operation is there in full, with samples for a server that has a name', async (t) => {
  for (const { id, operation } of operations) {
    const [, section = ''] = page.split(`<section id="${id}">`)
    const [text = ''] = section.split('</section>')
    for (const label of ['curl', 'Python', 'TypeScript']) t.match(text, `<figcaption>${label}</figcaption>`, id)
    t.match(text, server, id)
    for (const [status, answer] of Object.entries<Json>(operation.responses)) {
      t.match(text, status, id)
      if (status.startsWith('2')) continue
      for (const { code, detail } of refusalsOf(answer)) t.match(text, `<code>${code}</code><br>${detail}`, id)
    }
  }
  t.notMatch(page, /file:\/\/|undefined|\[object Object\]/)
})

t.test('every webhook is there, with its fields and an example, and so is what a list of events holds', async (t) => {
  for (const { id, path, operation } of webhooks) {
    const [, section = ''] = page.split(`<section id="${id}">`)
    const [text = ''] = section.split('</section>')
    t.match(text, `<code>${path}</code>`, id)
    t.match(text, operation.summary, id)
    for (const field of ['organization_id', 'data']) t.match(text, `<td><code>${field}</code>`, id)
    t.match(text, `&quot;type&quot;: &quot;${path}&quot;`, id)
  }
  const [, list = ''] = page.split('<section id="listEvents">')
  for (const what of ['credits_per_minute', 'max_sessions']) t.match(list.split('</section>')[0], what)
})

t.test('each sample, pasted and run, gets the answer of its operation', async (t) => {
  const { url, organization } = await build(t)
  const run = (command: string, args: string[]) =>
    new Promise<string>((resolve, reject) => {
      const env = { PATH: process.env.PATH, HOME: process.env.HOME, API_KEY: organization.key }
      execFile(command, args, { env }, (error, stdout) => (error ? reject(error) : resolve(stdout)))
    })
  const commands: Record<string, (source: string) => Promise<string>> = {
    curl: (source) => run('sh', ['-c', source]),
    Python: (source) => run('python3', ['-c', source]),
    TypeScript: (source) =>
      run(process.execPath, ['--import', 'tsx', `${t.testdir({ 'sample.mts': source })}/sample.mts`]),
  }
  const agent = '5b710eca-ee67-4c3a-aeb6-8b541f451b40'
  const fields: Record<string, string> = {
    ...{ getCredits: 'held', listAgents: 'architecture', getAgent: 'architecture' },
    ...{ getUsage: 'open_calls', listEvents: 'events' },
  }
  let room = ''
  for (const entry of operationsOf(document)) {
    for (const { label, source } of samplesOf(entry, url)) {
      const mine = source.replaceAll(/agent_[\w-]+_user123_\d+/g, room).replaceAll(agent, organization.pipelineAgent)
      const output = (await commands[label]?.(mine)) ?? ''
      t.match(output, fields[entry.id] ?? 'room_name', `${entry.id} in ${label}`)
      if (entry.id === 'createVoiceSession') room = /agent_[\w-]+_\d{13}/.exec(output)?.[0] ?? ''
    }
  }
})

t.test('a server that is none is refused in one sentence', async (t) => {
  for (const [sentence, ...args] of [
    [
      /^build:document: --server must be a URL that begins with https:\/\/ or http:\/\/, [^\n]*\n$/,
      '--server',
      'nonsense',
    ],
    [/^build:document: Option '--server <value>' argument missing\n$/, '--server'],
    [/^build:document: Unknown option '--nonsense'\n$/, '--nonsense'],
  ] as const)
    t.match(await spawnNode(t, [...typescript, 'reference/build.ts', ...args], {}).finished, {
      code: 2,
      stdout: '',
      stderr: sentence,
    })
})
