// The demo on a database that it was given: whose it is, before anything is written there.
import t from 'tap'
import { isUsedByOthers, seed } from '../demo/seed.ts'
import { createDatabase } from '../src/repositories/database.ts'
import { createOrganization } from '../src/repositories/organizations.ts'
import { createDatabaseFrom } from './processes.ts'

t.test('a database is nobody else’s while it is empty or has the demo’s organizations only', async (t) => {
  const empty = createDatabase(await createDatabaseFrom(t, 'template0'))
  t.teardown(() => empty.destroy())
  t.equal(await isUsedByOthers(empty), false, 'no tables')

  const db = createDatabase(await createDatabaseFrom(t, 'template'))
  t.teardown(() => db.destroy())
  t.equal(await isUsedByOthers(db), false, 'no organizations')
  await seed(db, `${t.testdir()}/keys.json`)
  t.equal(await isUsedByOthers(db), false, 'its own')
  await createOrganization(db, { name: 'Acme' })
  t.equal(await isUsedByOthers(db), true, 'another’s')
})
