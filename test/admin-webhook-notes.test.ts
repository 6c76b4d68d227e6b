// What whoever names the URL of an endpoint is told on stderr, while the command does what it is asked for.
import t from 'tap'
import { build, cloneDatabase } from './helper.ts'
import { startNameServer } from './name-server.ts'
import { runAdmin } from './processes.ts'

t.test('exit 0, with a note: a host that is not found, or leads inside, and a URL that another has', async (t) => {
  await startNameServer(t, { 'hooks.test': [['93.184.215.14']], 'inside.test': [['93.184.215.14', '10.0.0.1']] })
  const { organization } = await build(t)
  const url = await cloneDatabase()
  const webhook = async (...args: string[]) => {
    const { code, stdout, stderr } = await runAdmin(url, 'webhook', ...args)
    t.equal(code, 0, args.join(' '))
    return { ...JSON.parse(stdout), stderr }
  }
  const create = (url: string) => webhook('create', '--org', organization.id, '--url', url)
  const { id, stderr } = await create('https://hooks.test/a')
  t.equal(stderr, '', 'its address is public')
  t.equal((await create('https://93.184.215.14/a')).stderr, '', 'an address is asked of nobody')
  const { id: lost, stderr: notFound } = await create('https://hoks.test/a')
  t.match(notFound, /^note: no address of hoks.test is found now: until there is one, nothing arrives there\n$/)
  t.match(
    (await create('https://inside.test/')).stderr,
    /^note: inside.test has an address that is not public: nothing/,
  )
  const same = `note: webhook ${id} has this URL, too: each gets its events, so both come there\n`
  t.equal((await create('https://hooks.test/a')).stderr, same)
  t.equal((await webhook('update', '--id', lost, '--url', 'https://hooks.test:443/b')).stderr, '')
  t.equal((await webhook('update', '--id', lost, '--url', 'https://hooks.test/b')).stderr, '', 'its own URL')
  t.match((await webhook('update', '--id', lost, '--url', 'https://hooks.test/a')).stderr, same)
})
