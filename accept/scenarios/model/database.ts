// The database as a replica of the model reaches it: each statement is a call that can be cut off.
import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import type { Db, Tables } from '../../../src/repositories/schema.ts'
import { pass } from './operation.ts'

/** What pg throws where PostgreSQL has cancelled a statement. */
const cancelled = () => Object.assign(new Error('the model says so'), { code: '57014' })

const unused = () => {
  throw new Error('the service opens no transaction and reads no stream')
}

/** `query` runs a statement on the real database. */
export function databaseOn(query: <T>(statement: (db: Db) => Promise<T>) => Promise<T>): Db {
  const connection: DatabaseConnection = {
    executeQuery: (compiled) => pass(() => query((db) => db.executeQuery(compiled)), cancelled) as never,
    streamQuery: unused,
  }
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    beginTransaction: unused,
    commitTransaction: unused,
    rollbackTransaction: unused,
    destroy: async () => {},
  }
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}
