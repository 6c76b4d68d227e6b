// What an operator looks for in the papers: the changelog has the version that is run, and the settings that others have
// looked for in vain are named.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { endReasons } from '../src/lifecycle.ts'

const read = (path: string) => readFileSync(path, 'utf8')

t.test('CHANGELOG.md has a part for each version, the newest first', async (t) => {
  const versions = [...read('CHANGELOG.md').matchAll(/^## (\S+)$/gm)].map(([, version]) => version)
  t.equal(versions[0], JSON.parse(read('package.json')).version)
  const released = /^ {2}version: (\S+)$/m.exec(read('docs/released.openapi.yaml'))?.[1]
  t.ok(versions.includes(released), `${released} is released`)
})

t.test('CHANGELOG.md names each end reason that the released document lacks', async (t) => {
  const released = read('docs/released.openapi.yaml')
  const added = endReasons.filter((reason) => !released.includes(reason))
  for (const reason of added) t.match(read('CHANGELOG.md'), `\`${reason}\``, reason)
})

t.test('operating.md names what LiveKit must be told, and the ports that it needs', async (t) => {
  const text = read('docs/operating.md')
  for (const name of ['LiveKit Cloud', '/webhooks/livekit', 'room.auto_create', 'TURN', 'UDP 3478', 'TCP 7881'])
    t.match(text, name, name)
  for (const paper of ['CHANGELOG.md', 'SECURITY.md', 'docs/operating.md'])
    t.match(read('README.md'), `(${paper})`, paper)
})
