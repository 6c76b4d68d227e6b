// The demo's own call, on the stack that is up: it is heard, ended and paid, and its curl line works.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { converse, curlLine } from '../../demo/conversation.ts'
import { createDatabase } from '../../src/repositories/database.ts'
import { connection } from './connection.ts'
import { ask, SLOW_MS, sessionOf } from './parts.ts'

t.setTimeout(3 * SLOW_MS)
const { url, databaseUrl, seed } = connection

t.test('the call ends by itself, and its receipt is printed', async (t) => {
  const db = createDatabase(databaseUrl)
  t.teardown(() => db.destroy())
  const lines: string[] = []
  const { conversation, problem } = await converse(url, db, seed, (line) => lines.push(line))
  t.equal(problem, undefined)
  const { session, receipt } = conversation
  t.match(await sessionOf(session.room_name), { status: 'ended', ...receipt })
  t.equal(receipt.credits_charged, 10)
  const said =
    /the call is over: the demo ended it, with DELETE\. Talked: \d+ seconds?, 1 started minute\. Cost: 10 credits/
  t.ok(
    lines.some((line) => said.test(line)),
    lines.join('\n'),
  )
})

t.test('the curl line gets a session, and ends with a line break', async (t) => {
  const { stdout } = await promisify(execFile)('sh', ['-c', curlLine(url, seed)])
  t.match(stdout, /^\{.*\}\n$/)
  const { room_name } = JSON.parse(stdout)
  await ask(`/v1/chat/voice-sessions/${room_name}`, { method: 'DELETE' })
})
