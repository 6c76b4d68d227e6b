// Processes by their ids. Ids are reused, and a demo that cleans up after a killed one must never end a stranger: it asks
// whether an id noted earlier still belongs to the same process.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** When the process began and its command line; undefined when there is no such process (a zombie is none). */
export function identityOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'lstart=,command=')
  try {
    const [state, ...fields] = statOf(pid)
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return state === 'Z' ? undefined : `${fields[18]} ${commandLine}`
  } catch {
    return undefined
  }
}

/** 0 when there is no such process. */
export function parentOf(pid: number): number {
  if (process.platform !== 'linux') return Number(ps(pid, 'ppid=') ?? 0)
  try {
    return Number(statOf(pid)[1])
  } catch {
    return 0
  }
}

/** Does nothing when the process, or with a negative id the group, has just gone (macOS says EPERM of zombies). */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** The fields of /proc/<pid>/stat behind the name, which may itself hold blanks: state, parent, …, start time. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function ps(pid: number, format: string): string | undefined {
  try {
    return execFileSync('ps', ['-ww', '-p', String(pid), '-o', format], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
