// What the log says of attempts that failed: whether the event is tried again, and what the operator can mend.
import t from 'tap'
import { createDatabase } from '../src/repositories/database.ts'
import { cloneDatabase, environment, seedOrganization } from './helper.ts'
import { startServer } from './processes.ts'
import { addEndpoint, insecure, startReceiver, status, tell, until } from './receiver.ts'

t.test(
  'an attempt that disables its endpoint is not tried again; a host that is not public is named as the cause',
  async (t) => {
    const db = createDatabase(await cloneDatabase())
    t.teardown(() => db.destroy())
    const organization = await seedOrganization(db)
    const gone = await startReceiver(t, status(410))
    const { id: disabled } = await addEndpoint(db, organization.id, gone.url)
    const { id: inside } = await addEndpoint(db, organization.id, 'https://localhost.internal/')
    const { id: failing } = await addEndpoint(db, organization.id, (await startReceiver(t, status(500))).url)
    const server = await startServer(t, await environment({ LOG_LEVEL: 'info', ...insecure }))
    await tell(db, organization.id)
    const told = async (id: string) => {
      const lines = server
        .stdout()
        .split('\n')
        .filter((line) => line.includes(id))
      return lines.length > 0 && lines.map((line) => JSON.parse(line).msg)
    }
    t.strictSame(await until(() => told(failing)), ['webhook not delivered: it is tried again'])
    t.strictSame(await until(() => told(inside)), [
      'webhook not delivered, its host is not public and WEBHOOK_INSECURE_HOSTS does not name it: it is tried again',
    ])
    t.strictSame(await until(() => told(disabled)), [
      'webhook endpoint disabled: what waits for it is kept for 30 days, and sent once it is enabled',
    ])
  },
)
