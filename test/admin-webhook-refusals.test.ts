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
    const types =
      /It must be of call.started, call.ended, call.failed, credit.low, credit.depleted, separated by commas/
    await refuses(t, 2, url, [
      [types, ...create, ...hook, '--events', 'call.ended,call.begun'],
      [types, ...create, ...hook, '--events', ','],
      [types, ...update, '--events', 'webhook.test'],
      [/--url: it must be a URL/, ...create, '--url', 'app.example'],
      [/--url: it must begin with https:\/\//, ...create, '--url', 'http://app.example/'],
      [/--url: its address must be a public one/, ...update, '--url', 'https://169.254.169.254/'],
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
    await refuses(t, 1, url, [[/is disabled: webhook update --enable first/, 'webhook', 'test', '--id', id]])
  },
)
