// The generator: what is committed is what it writes, it knows every construct that it claims to know, and anything else in
// the document stops it.

import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { parse, stringify } from 'yaml'
import { generate } from '../src/contract/generate.ts'
import { authored, type Json } from './document.ts'
import { document, type either, part, thing } from './every-construct.ts'
import { spawnNode, typescript } from './processes.ts'

const formatted = (source: string) =>
  spawnSync('npx', ['biome', 'format', '--stdin-file-path=src/contract/openapi.gen.ts'], {
    input: source,
    encoding: 'utf8',
  }).stdout

t.test('`npm run generate` writes what is committed', async (t) => {
  const directory = t.testdir()
  await copyFile('openapi.yaml', join(directory, 'openapi.yaml'))
  await mkdir(join(directory, 'src/contract'), { recursive: true })
  const script = [...typescript, resolve('src/contract/generate.ts')]
  const { code, stderr } = await spawnNode(t, script, {}, directory).finished
  t.equal(stderr, '')
  t.equal(code, 0)
  const written = await readFile(join(directory, 'src/contract/openapi.gen.ts'), 'utf8')
  t.equal(written, generate(authored))
  t.equal(formatted(written), await readFile('src/contract/openapi.gen.ts', 'utf8'))
})

/** What a generated module exports, as JSON. */
function evaluate(source: string) {
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS } })
  const exports: Record<string, unknown> = {}
  new Function('require', 'exports', outputText)(createRequire(import.meta.url), exports)
  return JSON.parse(JSON.stringify(exports))
}

t.test('every construct that it knows comes out as it went in', async (t) => {
  const wholeThing = {
    ...thing,
    properties: { ...thing.properties, parts: { ...thing.properties.parts, items: part } },
  }
  const { Either, Thing, Part, putThing, getThing } = evaluate(generate(stringify(document)))
  t.same(Thing, wholeThing)
  t.same(Part, part)
  t.same(Either, { description: 'One of two.', oneOf: [part, wholeThing] })
  t.same(putThing, {
    method: 'PUT',
    url: '/v1/things/:id',
    security: [],
    schema: {
      params: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      querystring: { type: 'object', properties: { limit: { type: 'integer', minimum: 1 } } },
      headers: { type: 'object', properties: { 'idempotency-key': { type: 'string', maxLength: 255 } } },
      body: wholeThing,
      response: { '200': wholeThing, '410': part },
    },
  })
  t.same(getThing, {
    method: 'GET',
    url: '/v1/things/:id',
    security: [{ ApiKey: [] }],
    schema: {
      params: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      response: { '200': { type: 'array', items: { type: 'string' } } },
    },
  })
})

t.test('what it does not know stops it, and it says where', async (t) => {
  const refuses = (title: string, change: (copy: typeof document & Record<string, never>) => void, message: RegExp) => {
    const copy = parse(stringify(document))
    change(copy)
    t.throws(() => generate(stringify(copy)), { message }, title)
  }
  const id = (copy: typeof document) => copy.components.schemas.Thing.properties.id as Record<string, unknown>
  const put = (copy: typeof document): Json => copy.paths['/v1/things/{id}'].put
  refuses('a keyword', (copy) => Object.assign(id(copy), { contentEncoding: 'base64' }), /Thing\.id: .*contentEncoding/)
  refuses('a keyword of another type', (copy) => Object.assign(id(copy), { minimum: 1 }), /Thing\.id: .*minimum/)
  refuses('x-*', (copy) => Object.assign(id(copy), { 'x-secret': 1 }), /Thing\.id: .*x-secret/)
  refuses('a type', (copy) => Object.assign(id(copy), { type: 'number' }), /Thing\.id: .*number/)
  const values = (of: object) => (copy: typeof document) =>
    Object.assign(copy.components.schemas.Thing.properties.texts, of)
  refuses('values of another type', values({ additionalProperties: { type: 'integer' } }), /Thing\.texts: .*additional/)
  refuses('values that it does not know', values({ additionalProperties: { type: 'null' } }), /Properties: .*null/)
  refuses('values beside fields', values({ properties: {} }), /Thing\.texts: .*beside/)
  refuses('two types', (copy) => Object.assign(id(copy), { type: ['string', 'null'] }), /Thing\.id: .*string,null/)
  refuses('no type', (copy) => delete id(copy).type, /Thing\.id: .*undefined/)
  const of = (changes: Partial<Record<keyof typeof either | 'type', unknown>>) => (copy: typeof document) =>
    Object.assign(copy.components.schemas.Either, changes)
  refuses('oneOf of nothing', of({ oneOf: [] }), /Either: .*no name/)
  refuses('oneOf of what has no name', of({ oneOf: [part] }), /Either: .*no name/)
  refuses('a type beside oneOf', of({ type: 'object' }), /Either: .*type beside oneOf/)
  const sends = (schema: object) => (copy: typeof document) =>
    Object.assign(copy.webhooks['thing.made'].post.requestBody.content['application/json'], { schema })
  refuses('a webhook’s body that is no component', sends(part), /thing\.made: .*body without a name/)
  refuses(
    'a content type',
    (copy) => Object.assign(put(copy).responses['200'].content, { 'text/csv': {} }),
    /text\/csv/,
  )
  refuses('an answer without a body', (copy) => Object.assign(put(copy).responses, { '204': {} }), /204/)
  refuses('a cookie', (copy) => Object.assign(put(copy).parameters[1], { in: 'cookie' }), /in cookie/)
  refuses('a method', (copy) => Object.assign(copy.paths['/v1/things/{id}'], { trace: {} }), /trace/)
  refuses(
    'a summary of a path',
    (copy) => Object.assign(copy.paths['/v1/things/{id}'], { summary: 'Things' }),
    /summary/,
  )
})
