// The curl examples: the line of the README and the script that users copy, as shell commands against the real service.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { createAgent } from '../src/repositories/agents.ts'
import { build, type Service, seedOrganization } from './helper.ts'
import { freePort } from './processes.ts'

const documentedAgentId = '5b710eca-ee67-4c3a-aeb6-8b541f451b40'
const roomName = new RegExp(`^agent_${documentedAgentId}_user123_\\d{13}$`)

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

const script = (
  service: Pick<Service, 'url' | 'organization'>,
  { key = service.organization.key, agentId = '' } = {},
) => sh(['examples/curl/create-voice-session.sh', ...(agentId ? [agentId] : [])], { HOST: service.url, API_KEY: key })

/** The service with the agent that the document names. */
async function withDocumentedAgent(t: Test): Promise<Service> {
  const service = await build(t)
  const { id: organization_id } = service.organization
  const name = 'Support Agent'
  await createAgent(service.db, {
    id: documentedAgentId,
    organization_id,
    name,
    architecture: 'pipeline',
    credits_per_minute: 10,
  })
  return service
}

t.test('curl', async (t) => {
  const service = await withDocumentedAgent(t)

  await t.test('the line of the README answers 200 with only host and key replaced', async (t) => {
    const [, line] = /```sh\n(curl -X POST .*?)```/s.exec(readFileSync('README.md', 'utf8')) ?? []
    t.ok(line)
    const command = (line as string).replace('tk_live_your_key', service.organization.key)
    const { code, stdout, stderr } = await sh(['-c', command], { HOST: service.url })
    t.equal(code, 0, stderr)
    t.match(JSON.parse(stdout), { room_name: roomName, agent_name: 'Support Agent' })
  })

  await t.test('the script prints the answer of a 200', async (t) => {
    const { code, stdout, stderr } = await script(service)
    t.same({ code, stderr }, { code: 0, stderr: '' })
    t.match(JSON.parse(stdout), { room_name: roomName, token: /^ey/, livekit_url: /^ws/, agent_name: 'Support Agent' })
  })

  await t.test('the script says what a 401, 402, 404 and 400 mean', async (t) => {
    const poor = await seedOrganization(service.db, { credits: 0 })
    const refusals: [Parameters<typeof script>[1], string][] = [
      [{ key: 'tk_live_unknown' }, '401 Invalid API key: check API_KEY: it is unknown, revoked or expired'],
      [
        { key: poor.key, agentId: poor.pipelineAgent },
        '402 Insufficient credits: less than one minute is left: grant credits',
      ],
      [
        { agentId: 'nobody' },
        "404 Agent not found or does not belong to your organization: check the agent's id: nobody",
      ],
      [{ agentId: '"' }, '400 Invalid JSON body: correct the request'],
    ]
    for (const [changes, sentence] of refusals)
      t.same(await script(service, changes), { code: 1, stdout: '', stderr: `${sentence}\n` })
  })

  await t.test('the script says that nobody answers, and which variable is not set', async (t) => {
    const nowhere = `http://127.0.0.1:${await freePort()}`
    const unreachable = await script({ ...service, url: nowhere })
    t.match(unreachable, { code: 1, stdout: '', stderr: `No answer from ${nowhere}: is the service running there?` })
    const { code, stderr } = await sh(['examples/curl/create-voice-session.sh'], { HOST: service.url })
    t.not(code, 0)
    t.match(stderr, 'API_KEY: is a key of your organization')
  })
})
