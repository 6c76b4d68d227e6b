// What the commands of webhooks refuse, in one line, and without changing anything.
import t from 'tap'
import { chargedSession } from './charged.ts'
import { admin, refuses } from './command-line.ts'
import { createEndpoint } from './endpoints.ts'
import { build, cloneDatabase, seedOrganization } from './helper.ts'
import { query } from './processes.ts'
import { recorded } from './recorded.ts'

t.setTimeout(600_000)

const nobody = '5b710eca-ee67-4c3a-aeb6-8b541f451b40'
const state = async (url: string) =>
  Promise.all(
    ['webhook_endpoints', 'events', 'webhook_deliveries'].map((table) =>
      query(`SELECT * FROM ${table} ORDER BY 1`, [], url),
    ),
  )

t.test(
  'exit 1 and 2: unknown types and ids, URLs that are not public, and what says nothing or too much',
  async (t) => {
    const service = await build(t)
    const url = await cloneDatabase()
    const { id } = await createEndpoint(t, service)
    const stranger = await seedOrganization(service.db)
    const hook = ['--url', 'https://other.example/hooks']
    const { id: foreign } = await admin(t, url, ...['webhook', 'create', '--org', stranger.id, ...hook])
    const room = await chargedSession(service)
    const [event] = await recorded(service)
    const before = await state(url)
    const create = ['webhook', 'create', '--org', service.organization.id]
    const update = ['webhook', 'update', '--id', id]
    const redeliver = ['webhook', 'redeliver', '--id', id]
    const beginning = /--url: it must begin with https:.., or with http:.. for a host that WEBHOOK_INSECURE_HOSTS names/
    const inside = 'https://169.254.169.254/'
    const types =
      /It must be of call.started, call.ended, call.failed, credit.low, credit.depleted, separated by commas/
    await refuses(t, 2, url, [
      [types, ...create, ...hook, '--events', 'call.ended,call.begun'],
      [types, ...create, ...hook, '--events', ','],
      [types, ...update, '--events', 'webhook.test'],
      [/--url: it must be a URL/, ...create, '--url', 'app.example'],
      ...['localhost:9099/hook', 'ftp://app.example/', 'htps://app.example/', 'http://third.example/'].map(
        (wrong): [RegExp, ...string[]] => [beginning, ...create, '--url', wrong],
      ),
      [/--url: its host must be a public one, unless WEBHOOK_INSECURE_HOSTS names it/, ...update, '--url', inside],
      [/--url: its host must be a public one/, ...create, '--url', 'https://localhost/x'],
      [/there is no organization/, ...['webhook', 'create', '--org', nobody, ...hook]],
      [/there is no organization/, 'webhook', 'list', '--org', nobody],
      [/what to change is missing, see --help/, ...update],
      [
        /option '--all-events' cannot be used with option '--events/,
        ...update,
        '--all-events',
        '--events',
        'credit.low',
      ],
      [/option '--disable' cannot be used with option '--enable'/, ...update, '--disable', '--enable'],
      [/It must be a whole number from 0 to 720/, 'webhook', 'rotate', '--id', id, '--overlap', '721'],
      [/Allowed choices are pending, delivered, given_up/, 'webhook', 'deliveries', '--id', id, '--status', 'lost'],
      [/what to send again is missing: --event, --room, --since or --failed/, ...redeliver],
      [/cannot be used with option '--failed'/, ...redeliver, '--event', event.id, '--failed'],
      [/there is no event evt_nope/, ...redeliver, '--event', 'evt_nope'],
      [/there is no session nope/, ...redeliver, '--room', 'nope'],
      [/there is no session/, ...['webhook', 'redeliver', '--id', foreign, '--room', room]],
      [/there is no event/, ...['webhook', 'redeliver', '--id', foreign, '--event', event.id]],
      ...['show', 'test', 'deliveries', 'redeliver', 'rotate', 'delete'].map((command): [RegExp, ...string[]] => [
        /there is no webhook 5b71/,
        'webhook',
        command,
        '--id',
        nobody,
      ]),
      [/there is no webhook 5b71/, 'webhook', 'update', '--id', nobody, '--enable'],
    ])
    t.strictSame(await state(url), before, 'nothing has changed')
    await admin(t, url, ...update, '--disable')
    const disabled = /is disabled: webhook update --enable first/
    const again = [['--event', event.id], ['--room', room], ['--since', '2020-01-01T00:00:00Z'], ['--failed']]
    const waiting = await state(url)
    await refuses(t, 1, url, [
      [disabled, 'webhook', 'test', '--id', id],
      ...again.map((which): [RegExp, ...string[]] => [disabled, ...redeliver, ...which]),
    ])
    t.strictSame(await state(url), waiting, 'nothing more waits')
  },
)
