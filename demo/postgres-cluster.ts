// Makes the directory in which PostgreSQL keeps its data, and clears what a killed predecessor left in it.
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './postgres-account.ts'
import { identityOf, sendSignal } from './process-identity.ts'
import { startProcess, tailOf } from './processes.ts'

const PATIENCE_MS = 10_000

export interface ClusterOptions {
  home: string
  /** Data of another major version cannot be read, so each version has its own. */
  majorVersion: string
  initdb: string
  account: Account | undefined
  logFile: string
}

export interface Cluster {
  data: string
  password: string
}

/** Opens the cluster, or makes one that appears only when it is complete. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const directory = join(options.home, options.majorVersion)
  if (!existsSync(directory)) await createCluster(directory, options)
  const data = join(directory, 'data')
  await endOldPostmaster(data)
  // Other users of this machine can reach the port too, so it asks for a password.
  return { data, password: readFileSync(join(directory, 'password'), 'utf8') }
}

async function createCluster(directory: string, { home, initdb, account, logFile }: ClusterOptions): Promise<void> {
  for (const name of readdirSync(home)) {
    if (name.endsWith('.unfinished')) rmSync(join(home, name), { recursive: true, force: true, maxRetries: 5 })
  }
  const unfinished = `${directory}.${process.pid}.unfinished`
  const passwordFile = join(unfinished, 'password')
  mkdirSync(unfinished)
  writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 })
  if (account !== undefined) for (const path of [unfinished, passwordFile]) chownSync(path, account.uid, account.gid)
  const args = ['--pgdata', join(unfinished, 'data'), '--username', 'postgres', '--pwfile', passwordFile]
  // Without an operating system's locales every machine sorts alike, and none can be missing.
  args.push('--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync')
  const { exited } = await startProcess({ name: 'initdb', command: initdb, args, cwd: unfinished, account, logFile })
  const end = await exited
  if (end !== 'exit code 0') throw new Error(`initdb ended with ${end}. ${tailOf(logFile)}`)
  renameSync(unfinished, directory)
}

/** Two servers on the same data would ruin it, so the one that a killed demo left behind is ended first. */
async function endOldPostmaster(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid')
  if (!existsSync(pidFile)) return
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
  const identity = identityOf(pid)
  if (identity?.includes(data)) {
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      if (identityOf(pid) === identity) sendSignal(pid, signal)
      for (let waited = 0; waited < PATIENCE_MS && identityOf(pid) === identity; waited += 20) await sleep(20)
    }
  }
  // The id may belong to a stranger by now, and PostgreSQL would take him for its predecessor.
  rmSync(pidFile, { force: true })
}
