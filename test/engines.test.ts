// The versions of Node that package.json promises: on the oldest of each line npm warns of no package.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'

t.setTimeout(300_000)

const { engines, workspaces } = JSON.parse(readFileSync('package.json', 'utf8'))
const floors = [...engines.node.matchAll(/\d+\.\d+/g)].map(([version]) => `v${version}.0`)

const clone = mkdtempSync(join(tmpdir(), 'voice-sessions-engines-'))
t.teardown(() => rmSync(clone, { recursive: true }))
for (const file of ['package.json', 'package-lock.json', ...workspaces.map((path: string) => `${path}/package.json`)]) {
  mkdirSync(dirname(join(clone, file)), { recursive: true })
  cpSync(file, join(clone, file))
}

/** What `npm ci` would say on this version of Node, without installing anything. */
function install(version: string) {
  const pretend = `data:text/javascript,Object.defineProperty(process,'version',{value:'${version}'})`
  const env = { ...process.env, NODE_OPTIONS: `--import "${pretend}"` }
  const args = ['ci', '--dry-run', '--ignore-scripts', '--no-audit', '--no-fund']
  return spawnSync('npm', args, { cwd: clone, env, encoding: 'utf8' })
}

t.strictSame(floors, ['v20.19.0', 'v22.12.0'], 'the promise')

for (const version of floors)
  t.test(`npm ci warns of no package on Node ${version}`, async (t) => {
    const { status, stderr } = install(version)
    t.equal(status, 0, 'exit code')
    t.notMatch(stderr, 'EBADENGINE', 'warnings')
  })

t.test('npm ci warns on a version that is not promised', async (t) => {
  t.match(install('v18.20.0').stderr, /EBADENGINE.*current: .*v18\.20\.0/s)
})
