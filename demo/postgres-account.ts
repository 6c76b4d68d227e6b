// PostgreSQL refuses to run as root. When we are root, this finds an account for it, and places which that account can
// enter: a checkout below a private directory is none.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'

export interface Account {
  name: string
  uid: number
  gid: number
}

const SHARED_DIRECTORY = '/var/tmp'

/** Undefined when this process is not root and PostgreSQL simply runs as the same user. */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = accounts.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? []
    if (name !== undefined) return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no account "postgres" or "nobody" to run it as')
}

/** The directory itself, made and owned as the account needs it, or a substitute that the account can enter. */
export function directoryFor(account: Account | undefined, directory: string): string {
  mkdirSync(directory, { recursive: true })
  if (account === undefined) return directory
  chownSync(directory, account.uid, account.gid)
  if (runsAs(account, '/bin/sh', ['-c', 'cd "$1" && test -w .', 'sh', directory])) return directory
  const substitute = join(SHARED_DIRECTORY, `voice-sessions-${hash(directory)}`)
  makePrivate(substitute, account)
  return substitute
}

/** The directory of PostgreSQL's programs, or a copy of it that the account can read, shared by all checkouts. */
export function programsFor(account: Account | undefined, native: string, version: string): string {
  if (account === undefined || runsAs(account, join(native, 'bin', 'initdb'), ['--version'])) return native
  const copy = join(SHARED_DIRECTORY, `voice-sessions-postgres-${version}`)
  if (isOwnedBy(copy, 0)) return copy
  const unfinished = mkdtempSync(`${copy}.`)
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true })
  openToReaders(unfinished)
  try {
    renameSync(unfinished, copy)
  } catch (error) {
    rmSync(unfinished, { recursive: true })
    // Another process has finished its copy meanwhile.
    if (!isOwnedBy(copy, 0)) throw error
  }
  return copy
}

function runsAs({ uid, gid }: Account, command: string, args: string[]): boolean {
  return spawnSync(command, args, { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0
}

/** The shared directory is everybody's: a directory or link that somebody else put there under our name is refused. */
function makePrivate(directory: string, account: Account): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (!isOwnedBy(directory, account.uid) && !isOwnedBy(directory, 0)) throw new Error(`${directory} is not ours`)
  chownSync(directory, account.uid, account.gid)
}

function isOwnedBy(directory: string, uid: number): boolean {
  const status = lstatSync(directory, { throwIfNoEntry: false })
  return status?.isDirectory() === true && status.uid === uid
}

function openToReaders(directory: string): void {
  chmodSync(directory, 0o755)
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) openToReaders(path)
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644)
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
