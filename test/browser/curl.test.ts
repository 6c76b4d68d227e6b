// The curl examples, run by a shell against the service: the command in README.md, and the script that users copy.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createCustomer } from '../../accept/customer.ts'
import { freeTcpPort } from '../../demo/ports.ts'
import { createDatabase } from '../../src/repositories/database.ts'
import { connection } from './connection.ts'
import { service } from './parts.ts'

const { seed, url } = connection
const roomName = /^agent_5b710eca-ee67-4c3a-aeb6-8b541f451b40_.+_\d{13}$/
const answer = { room_name: roomName, token: /^ey/, livekit_url: /^ws/, agent_name: 'Support Agent' }

interface Finished {
  code: number
  stdout: string
  stderr: string
}

function sh(args: string[], variables: Record<string, string>): Promise<Finished> {
  return new Promise((resolve) => {
    execFile('sh', args, { env: { PATH: process.env.PATH, ...variables } }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

const script = 'examples/curl/create-voice-session.sh'
const create = ({ key = seed.apiKey, agentId = '', host = url, idempotencyKey = '' } = {}) =>
  sh([script, ...(agentId ? [agentId] : [])], { API_URL: host, API_KEY: key, IDEMPOTENCY_KEY: idempotencyKey })

t.test('the command in README.md gets a 200 when only its host and key are replaced', async (t) => {
  const [, line = ''] = /```sh\n(curl [^\n]*-X POST .*?)```/s.exec(readFileSync('README.md', 'utf8')) ?? []
  const command = line.replace('tk_live_your_key', seed.apiKey).replace('http://127.0.0.1:3000', url)
  t.match(command, `${seed.apiKey}"`)
  t.match(command, `"${url}/v1/`)
  const { code, stdout, stderr } = await sh(['-c', command], {})
  t.equal(code, 0, stderr)
  t.match(JSON.parse(stdout), answer)
  t.match(stdout, /\}\n$/, 'the prompt begins on a line of its own')
})

t.test('the script prints the answer of a 200', async (t) => {
  const { code, stdout, stderr } = await create()
  t.same({ code, stderr }, { code: 0, stderr: '' })
  t.match(JSON.parse(stdout), answer)
})

t.test('the script says what a 401, 402, 404 and 400 mean', async (t) => {
  const db = createDatabase(connection.databaseUrl)
  t.teardown(() => db.destroy())
  const poor = await createCustomer(db, { credits: 0 })
  const notFound = "404 Agent not found or does not belong to your organization: check the agent's id: nobody"
  const noCredits = '402 Insufficient credits: less than one minute is left: grant credits'
  const refusals: [Parameters<typeof create>[0], string][] = [
    [{ key: 'tk_live_unknown' }, '401 Invalid API key: check API_KEY: it is unknown, revoked or expired'],
    [{ key: poor.key, agentId: poor.agentId }, noCredits],
    [{ agentId: 'nobody' }, notFound],
    [{ agentId: '"' }, '400 Invalid JSON body: correct the request'],
  ]
  for (const [changes, sentence] of refusals)
    t.same(await create(changes), { code: 1, stdout: '', stderr: `${sentence}\n` })
})

t.test('the script repeats a call with the key that it named', async (t) => {
  const { url: host } = await service(t, { LIVEKIT_API_URL: 'ws://127.0.0.1:9' })
  const failed = await create({ host })
  t.match(failed, { code: 1, stdout: '', stderr: /^500 Failed to create voice session: LiveKit connection failed: / })
  const [, idempotencyKey = ''] =
    /: try again in a moment with IDEMPOTENCY_KEY=([0-9a-f]{32})\n$/.exec(failed.stderr) ?? []
  const [first, repeated, other] = [await create({ idempotencyKey }), await create({ idempotencyKey }), await create()]
  const roomOf = ({ stdout }: Finished) => JSON.parse(stdout).room_name
  t.equal(roomOf(repeated), roomOf(first), 'the same session')
  t.not(roomOf(other), roomOf(first), 'without it a new one')
})

t.test('the script says when no service answers, and which variable is not set', async (t) => {
  const host = `http://127.0.0.1:${await freeTcpPort()}`
  t.match(await create({ host }), {
    code: 1,
    stdout: '',
    stderr: `No answer from ${host}: is the service running there? If so, try again in a moment with IDEMPOTENCY_KEY=`,
  })
  const { code, stderr } = await sh([script], { API_URL: url })
  t.not(code, 0)
  t.match(stderr, 'API_KEY: is a key of your organization')
})
