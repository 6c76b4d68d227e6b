// One demo per checkout: two would end each other's processes and share one database.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { identityOf } from './process-identity.ts'

const ENDING_PATIENCE_MS = 20_000
/** Between making the file and writing to it. */
const WRITING_PATIENCE_MS = 1000
const POLL_MS = 50

interface Holder {
  pid: number
  identity: string | undefined
  ending: boolean
}

/**
 * Takes the lock, or throws a sentence that names who has it. One that is just ending is waited for.
 * @param addresses where that demo can be used; undefined while it starts
 */
export async function takeLock(file: string, addresses: () => string | undefined): Promise<void> {
  const started = Date.now()
  while (!tryToTake(file)) {
    const content = readOrEmpty(file)
    const holder = parse(content)
    const patienceMs = holder === undefined ? WRITING_PATIENCE_MS : holder.ending ? ENDING_PATIENCE_MS : 0
    if (holder !== undefined && identityOf(holder.pid) !== holder.identity) putAside(file, content)
    else if (Date.now() - started < patienceMs) await sleep(POLL_MS)
    else if (holder === undefined) putAside(file, content)
    else throw new Error(describe(holder.pid, addresses()))
  }
}

function describe(pid: number, addresses = 'It is still starting, and will print its addresses.'): string {
  return `another demo of this checkout is running already: process ${pid}, which "kill ${pid}" ends.\n${addresses}`
}

/** Whether a demo has the lock, and runs. */
export function isHeld(file: string): boolean {
  const holder = parse(readOrEmpty(file))
  return holder !== undefined && !holder.ending && identityOf(holder.pid) === holder.identity
}

/** Tells the next demo that this one will be gone in a moment. */
export function announceEnd(file: string): void {
  writeFileSync(`${file}.new`, describeSelf(true))
  renameSync(`${file}.new`, file)
}

export function releaseLock(file: string): void {
  rmSync(file, { force: true })
}

function tryToTake(file: string): boolean {
  try {
    writeFileSync(file, describeSelf(false), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

/** Moved rather than removed: if a third demo took the lock since it was read, it gets it back. */
function putAside(file: string, staleContent: string): void {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
    if (readOrEmpty(aside) === staleContent) rmSync(aside)
    else renameSync(aside, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function describeSelf(ending: boolean): string {
  return JSON.stringify({ pid: process.pid, identity: identityOf(process.pid), ending } satisfies Holder)
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function parse(content: string): Holder | undefined {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
