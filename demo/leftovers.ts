// Finds and ends what a killed demo left running. The list holds each process's identity, not only its id: ids are
// reused, and a stranger must never be ended.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { identityOf, sendSignal } from './process-identity.ts'

interface Note {
  name: string
  pid: number
  identity: string | undefined
  farewell: [NodeJS.Signals, number][]
}

const KILL_PATIENCE_MS = 5000

export function noteProcesses(
  file: string,
  processes: { name: string; pid: number; farewell: [NodeJS.Signals, number][] }[],
): void {
  const notes = processes.map(({ name, pid, farewell }): Note => {
    return { name, pid, identity: identityOf(pid), farewell }
  })
  writeFileSync(`${file}.new`, JSON.stringify(notes, undefined, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Ends the listed processes that still run, politely first; says their names. */
export async function endLeftovers(file: string): Promise<string[]> {
  const left = readNotes(file).filter(isAlive)
  await Promise.all(left.map(end))
  return left.map(({ name }) => name)
}

async function end(note: Note): Promise<void> {
  for (const [signal, patienceMs] of note.farewell) {
    if (isAlive(note)) sendSignal(note.pid, signal)
    await untilGone(note, patienceMs)
  }
  if (isAlive(note)) sendSignal(-note.pid, 'SIGKILL')
  await untilGone(note, KILL_PATIENCE_MS)
}

function readNotes(file: string): Note[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return []
  }
}

function isAlive({ pid, identity }: Note): boolean {
  return identity !== undefined && identityOf(pid) === identity
}

async function untilGone(note: Note, patienceMs: number): Promise<void> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline && isAlive(note); ) await sleep(20)
}
