// 503: PostgreSQL has no disk, memory, connection or time left. Its answers are its own, by their SQLSTATE.
import t from 'tap'
import { build, leftNothing, refused, run } from '../helper.ts'

t.test('503: it has no disk, memory or connection left, its disk fails, or a transaction took too long', async (t) => {
  const service = await build(t)
  const change = (statements: string) => run(service.db, statements)
  const refuse = `LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = code;\n END $$`
  await change(`CREATE FUNCTION refuse(code text) RETURNS int ${refuse}; ALTER TABLE agents RENAME TO kept`)
  for (const code of ['53000', '53100', '53200', '53300', '53400', '58030', '25P03', '25P04']) {
    await change(`CREATE VIEW agents AS SELECT kept.* FROM kept, refuse('${code}')`)
    t.comment(code)
    refused(t, await service.create(), 503, 'Service temporarily unavailable', { 'retry-after': '1' })
    await change('DROP VIEW agents')
  }
  await change('ALTER TABLE kept RENAME TO agents; DROP FUNCTION refuse')
  await leftNothing(t, service)
  t.equal((await service.create()).status, 200, 'the next is served')
})
