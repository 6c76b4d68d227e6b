// What the system says of a process.
import { readFileSync } from 'node:fs'

const millisecondsPerTick = 10

/** CPU time that it has used, in milliseconds, to a hundredth of a second; 0 where there is no process. */
export function cpuOf(pid: number | undefined): number {
  if (pid === undefined) return 0
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * millisecondsPerTick
}

/** Its resident memory, in MB. */
export function residentOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
