// The real parts that `npm test` starts (test/run.ts): a database of its own for each test file, and livekit-server.
import { randomUUID } from 'node:crypto'
import { RoomServiceClient } from 'livekit-server-sdk'
import pg from 'pg'
import t from 'tap'
import type { Proxy as FaultProxy } from './proxy.ts'

export { through } from './through.ts'
export { until } from './until.ts'

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run the tests with \`npm test\``)
  return value
}

/** The parts that test/run.ts started. */
export const parts = {
  /** A server with the database `template`, migrated. */
  databaseUrl: required('TEST_DATABASE_URL'),
  livekitUrl: required('TEST_LIVEKIT_URL'),
  livekitApiKey: required('TEST_LIVEKIT_API_KEY'),
  livekitApiSecret: required('TEST_LIVEKIT_API_SECRET'),
}

export const rooms = new RoomServiceClient(parts.livekitUrl, parts.livekitApiKey, parts.livekitApiSecret)

const databaseName = `test_${randomUUID().replaceAll('-', '')}`
let database: Promise<string> | undefined

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: parts.databaseUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

/** The connection string of this file's database, cloned from the migrated template at the first call. */
export function cloneDatabase(): Promise<string> {
  database ??= administer(`CREATE DATABASE ${databaseName} TEMPLATE template`).then(() => {
    t.teardown(() => administer(`DROP DATABASE ${databaseName} WITH (FORCE)`))
    const url = new URL(parts.databaseUrl)
    url.pathname = databaseName
    return url.href
  })
  return database
}

/** A complete environment for the service; `changes` are set over it. */
export async function environment(changes: Record<string, string> = {}): Promise<Record<string, string>> {
  return {
    DATABASE_URL: await cloneDatabase(),
    LIVEKIT_URL: parts.livekitUrl,
    LIVEKIT_API_KEY: parts.livekitApiKey,
    LIVEKIT_API_SECRET: parts.livekitApiSecret,
    METRICS_PORT: '0',
    LOG_LEVEL: 'silent',
    ...changes,
  }
}

/** Deletes those of these rooms that are there. Otherwise the first sweep of the file's next service might do it. */
export async function deleteRooms(names: string[]): Promise<void> {
  const left = names.length > 0 ? await rooms.listRooms(names) : []
  await Promise.all(left.map(({ name }) => rooms.deleteRoom(name).catch(() => undefined)))
}

/** Names of the rooms that LiveKit has for an agent. */
export async function roomsOf(agentId: string): Promise<string[]> {
  const all = await rooms.listRooms()
  return all.map((room) => room.name).filter((name) => name.startsWith(`agent_${agentId}_`))
}

/** The calls of LiveKit's API that a proxy saw, by name; without the looks that the reaper and the sweep take by themselves. */
export function livekitCalls({ requests }: FaultProxy): string[] {
  return requests.filter((name) => name !== 'ListRooms' && name !== 'ListParticipants')
}
