// What the system says of a process.
import { readFileSync } from 'node:fs'

const millisecondsPerTick = 10

/** The sum of these numbers of /proc/PID/stat, counted from the third, in milliseconds; 0 where the process has ended. */
function sumOf(pid: number, from: number, to: number): number {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/^.*\) /)
    const ticks = fields.split(' ').slice(from, to).map(Number)
    return ticks.reduce((total, each) => total + each) * millisecondsPerTick
  } catch {
    return 0
  }
}

/** CPU time that it has used, in milliseconds, to a hundredth of a second; 0 where there is no process. */
export const cpuOf = (pid = 0): number => sumOf(pid, 11, 13)

/** CPU time of a process with all its children, those that have ended, too. */
export function cpuOfFamily(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
  return children.reduce((total, child) => total + cpuOf(child), sumOf(pid, 11, 15))
}

/** Its resident memory, in MB. */
export function residentOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
