// Callers: in this process one who connects fully and says nothing, because sound is what a call costs most; and callers in
// processes of their own.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningProcess, startProcess } from '../../../demo/processes.ts'
import { rtc } from '../../../demo/rtc.ts'
import { until } from '../../../test/until.ts'
import type { Joinable } from '../../calls.ts'
import { enter } from './enter.ts'

export interface SilentCaller {
  leave(): Promise<void>
}

export async function joinSilently({ livekitUrl, token }: Joinable): Promise<SilentCaller> {
  const room = await enter(new rtc.Room(), livekitUrl, token, false)
  return { leave: () => room.disconnect() }
}

/** Joins when it gets SIGUSR2. @param nameBytes the size of its track's name, where it is to be large */
export async function startCaller(
  directory: string,
  { livekitUrl, token }: Joinable,
  nameBytes?: number,
): Promise<RunningProcess> {
  const program = join(import.meta.dirname, 'caller-process.ts')
  const logFile = join(directory, `caller-${randomUUID()}.log`)
  const args = [...process.execArgv, program, livekitUrl, token, ...(nameBytes ? [String(nameBytes)] : [])]
  const caller = await startProcess({ name: 'caller', command: process.execPath, args, logFile })
  await until(async () => readFileSync(logFile, 'utf8').includes('ready'), 60_000, 'a caller does not start')
  return caller
}
