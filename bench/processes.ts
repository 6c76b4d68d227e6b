// What the system says of a process.
import { readFileSync } from 'node:fs'

const millisecondsPerTick = 10

/** The numbers of /proc/PID/stat from the third on; none where the process has ended. */
function statOf(pid: number): number[] {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/^.*\) /)
    return fields.split(' ').map(Number)
  } catch {
    return []
  }
}

const milliseconds = (ticks: number[]) => ticks.reduce((total, each) => total + each, 0) * millisecondsPerTick

/** CPU time that it has used, in milliseconds, to a hundredth of a second; 0 where there is no process. */
export const cpuOf = (pid: number | undefined): number =>
  pid === undefined ? 0 : milliseconds(statOf(pid).slice(11, 13))

/** CPU time of a process with all its children, those that have ended, too. */
export function cpuOfFamily(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  return milliseconds(statOf(pid).slice(11, 15)) + children.reduce((total, child) => total + cpuOf(child), 0)
}

/** Its resident memory, in MB. */
export function residentOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
