// npm run build:document -- [--server URL]: writes the reference, dist/document/index.html, beside the bundled document.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { formats } from '../src/variables.ts'
import { referencePage } from './page.ts'

/** Nobody's: the contract itself names only the host that serves it, and a file has none. */
const EXAMPLE_SERVER = 'https://voice-sessions.example.com'

const root = join(import.meta.dirname, '..')
/** Ends with one sentence where the command cannot be understood, before anything is written. */
function readServer(): string {
  const publicUrl = formats['public-url']
  try {
    const { values } = parseArgs({ options: { server: { type: 'string', default: EXAMPLE_SERVER } } })
    if (publicUrl.allows(values.server)) return new URL(values.server).href.replace(/\/$/, '')
    throw new Error(`--server must be ${publicUrl.words}`)
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ')
    process.stderr.write(`build:document: ${sentence}\n`)
    process.exit(2)
  }
}

const server = readServer()
const directory = join(root, 'dist', 'document')
mkdirSync(directory, { recursive: true })
writeFileSync(
  join(directory, 'index.html'),
  referencePage(parse(readFileSync(join(root, 'openapi.yaml'), 'utf8')), server),
)
process.stdout.write(`the reference for ${server} is in dist/document/index.html\n`)
