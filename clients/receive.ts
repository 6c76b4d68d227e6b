// The receiver of a language: run as a customer would, sent real events by the service, one of them again, and a forged one.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admin } from '../accept/admin.ts'
import { createCustomer, type Replica, type Stack } from '../accept/stack.ts'
import { freeTcpPort } from '../demo/ports.ts'
import { startProcess, tailOf } from '../demo/processes.ts'
import { becomesReady } from '../demo/readiness.ts'
import { until } from '../test/until.ts'
import type { Outcome } from './call.ts'
import type { Client } from './clients.ts'

const DELIVERED_WITHIN_MS = 30_000

/** What is shown. */
const titles = ['an event is verified', 'what comes again is told by its id', 'what is forged is refused']
export const RECEIVER_OUTCOMES = titles.length

interface Ended {
  room_name: string
  credits_charged: number
}

/** A session that was created and ended. */
async function call(url: string, key: string, agentId: string): Promise<Ended> {
  const headers = { 'X-API-Key': key, 'Content-Type': 'application/json' }
  const path = `${url}/v1/chat/voice-sessions`
  const created = await fetch(path, { method: 'POST', headers, body: JSON.stringify({ agent_id: agentId }) })
  const { room_name } = (await created.json()) as Ended
  const ended = await fetch(`${path}/${room_name}`, { method: 'DELETE', headers: { 'X-API-Key': key } })
  return (await ended.json()) as Ended
}

async function forge(url: string): Promise<number> {
  const headers = {
    'webhook-id': 'evt_00000000000000000000000000000000',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
  }
  const answer = await fetch(url, { method: 'POST', headers, body: '{"type":"call.ended"}' })
  return answer.status
}

/** Runs the client's receiver, if it has one. */
export async function runReceiver(client: Client, stack: Stack): Promise<Outcome[]> {
  const [command, ...args] = client.receiver ?? []
  if (command === undefined) return []
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-receiver-'))
  const logFile = join(directory, `${client.name}.log`)
  const port = String(await freeTcpPort())
  const url = `http://127.0.0.1:${port}/`
  const customer = await createCustomer(stack.db)
  const { id, secret } = await admin(stack, 'webhook', 'create', '--org', customer.organizationId, '--url', url)
  const receiver = await startProcess({
    ...{ name: 'receiver', command, args, cwd: client.directory, logFile },
    env: { ...process.env, ...client.env, PORT: port, WEBHOOK_SECRET: secret },
  })
  const prints = (line: string) => async () => readFileSync(logFile, 'utf8').split('\n').includes(line)
  const isPrinted = (line: string) => until(prints(line), DELIVERED_WITHIN_MS)
  const judge = async (title: string, work: () => Promise<unknown>): Promise<Outcome> =>
    work().then(
      () => ({ title }),
      (error) => ({ title, problem: `${(error as Error).message}: ${tailOf(logFile)}` }),
    )
  if (!(await becomesReady(receiver, prints('listening'))))
    throw new Error(`the receiver does not start: ${tailOf(logFile)}`)
  const [verified, again, forged] = titles as [string, string, string]
  const outcomes = [
    await judge(verified, async () => {
      const { room_name, credits_charged } = await call(
        (stack.replicas[0] as Replica).url,
        customer.key,
        customer.agentId,
      )
      await isPrinted(`call.ended ${room_name} ${credits_charged}`)
    }),
    await judge(again, async () => {
      const { id: event } = await stack.db
        .selectFrom('events')
        .select('id')
        .where('organization_id', '=', customer.organizationId)
        .where('type', '=', 'call.ended')
        .executeTakeFirstOrThrow()
      await admin(stack, 'webhook', 'redeliver', '--id', id, '--event', event)
      await isPrinted('again call.ended')
    }),
    await judge(forged, async () => {
      const status = await forge(url)
      if (status !== 401) throw new Error(`answered ${status}`)
    }),
  ]
  await receiver.stop()
  rmSync(directory, { recursive: true, force: true })
  return outcomes
}
