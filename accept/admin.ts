// The command line, as operators run it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { program } from './build.ts'
import type { Stack } from './stack.ts'

/** Hosts to which events are sent although they are on this machine; the service needs the same. */
export const insecureHosts = { WEBHOOK_INSECURE_HOSTS: '127.0.0.1' }

/** The JSON that a command prints; rejects where it fails. */
export async function admin({ postgres }: Pick<Stack, 'postgres'>, ...args: string[]) {
  const env = { ...process.env, ...insecureHosts, DATABASE_URL: postgres.url() }
  const { stdout } = await promisify(execFile)(process.execPath, [join(program, '..', 'admin.js'), ...args], { env })
  return JSON.parse(stdout)
}
