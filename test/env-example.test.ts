// .env.example, from which an operator begins.
import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import t from 'tap'
import { Environment, loadConfig } from '../src/config.ts'

t.test('.env.example names every variable once, with the real default, and nothing else', async (t) => {
  const lines = (await readFile('.env.example', 'utf8')).split('\n')
  const variables = lines.flatMap((line) => /^(# )?([A-Z_]+)=(.*)$/.exec(line)?.slice(1) ?? [])
  const names = variables.filter((_, index) => index % 3 === 1)
  t.strictSame([...names].sort(), Object.keys(Environment.properties).sort())

  const commentedOut = parseEnv(lines.map((line) => line.replace(/^# (?=[A-Z_]+=)/, '')).join('\n'))
  const asItStands = parseEnv(lines.join('\n'))
  t.strictSame(loadConfig(commentedOut), loadConfig(asItStands), 'what is commented out is the default')
})
