// What an operator looks for in the papers: the changelog has the version that is run, and the settings that others have
// looked for in vain are named.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { Environment } from '../src/config.ts'
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

/** The variables of 0.1.0, and its metrics in operating.md. */
const first = new Set(
  [
    'HOST PORT DATABASE_URL PREPARED_STATEMENTS LIVEKIT_URL LIVEKIT_API_URL LIVEKIT_API_KEY LIVEKIT_API_SECRET',
    'LIVEKIT_AGENT_NAME CORS_ORIGINS AGENT_JOIN_SECONDS HOLD_MINUTES MAX_CALL_MINUTES TRUST_PROXY RATE_LIMIT_PER_MINUTE',
    'METRICS_PORT METRICS_HOST LOG_LEVEL credit_difference sessions_past_wake rooms_unknown voice_sessions_ended_total',
    'voice_session_agent_join_seconds http_request_duration_seconds credits_held_total credits_charged_total',
    'credits_returned_total livekit_webhooks_total reaper_actions_total sweep_actions_total',
  ].flatMap((line) => line.split(' ')),
)

t.test('CHANGELOG.md names each variable and each metric that the first version lacks', async (t) => {
  const [, table = ''] = read('docs/operating.md').split('| Metric |')
  const rows = table.split('\n\n')[0]?.split('\n') ?? []
  const metrics = rows.flatMap((row) => row.split('|')[1]?.match(/[a-z]+_[a-z_]+(?=`)/g) ?? [])
  const added = [...Object.keys(Environment.properties), ...metrics].filter(
    (name) => !first.has(name) && name !== 'end_reason',
  )
  t.ok(added.includes('DRAIN_SECONDS') && added.includes('room_deletions_total'))
  for (const name of added) t.match(read('CHANGELOG.md'), `\`${name}\``, name)
})

t.test('operating.md names what LiveKit must be told, and the ports that it needs', async (t) => {
  const text = read('docs/operating.md')
  for (const name of ['LiveKit Cloud', '/webhooks/livekit', 'room.auto_create', 'TURN', 'UDP 3478', 'TCP 7881'])
    t.match(text, name, name)
  for (const paper of ['CHANGELOG.md', 'SECURITY.md', 'docs/operating.md'])
    t.match(read('README.md'), `(${paper})`, paper)
})
