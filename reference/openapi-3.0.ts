// openapi-3.0.ts FILE: writes the contract in OpenAPI 3.0, as JSON.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { asOpenapi30 } from '../src/contract/openapi-3.0.ts'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: openapi-3.0.ts FILE')
const authored = readFileSync(join(import.meta.dirname, '..', 'openapi.yaml'), 'utf8')
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, `${JSON.stringify(asOpenapi30(parse(authored)), undefined, 2)}\n`)
