// Starts processes that log to a file and ends all of them, with what they started themselves: when asked, or when this
// process exits. What outlives a killed demo is ended by leftovers.ts.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { noteProcesses } from './leftovers.ts'
import { sendSignal } from './process-identity.ts'

export interface ProcessOptions {
  name: string
  command: string
  args: string[]
  logFile: string
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** The account to run as, when this process is root and the command refuses that. */
  account?: { uid: number; gid: number } | undefined
  /** How it is asked to end: signals, with the milliseconds to wait after each. SIGKILL follows. */
  farewell?: [NodeJS.Signals, number][]
}

export interface RunningProcess {
  name: string
  pid: number
  logFile: string
  farewell: [NodeJS.Signals, number][]
  /** Settles with how it ended, such as "exit code 1" or "signal SIGKILL". */
  exited: Promise<string>
  kill(signal: NodeJS.Signals): void
  stop(): Promise<void>
}

const running = new Set<RunningProcess>()
let closing = false
let noteFile: string | undefined

process.on('exit', () => {
  for (const { pid } of running) sendSignal(-pid, 'SIGKILL')
})

export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { name, command, args, logFile, cwd, env, account, farewell = [['SIGTERM', 3000]] } = options
  if (closing) throw new Error(`${name} was not started: everything is being ended`)
  const log = openSync(logFile, 'a')
  // Detached means a group of its own: Ctrl-C in a terminal reaches only us, and its children can be ended with it.
  const child = spawn(command, args, { cwd, env, ...account, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
    child.once('error', (error) => resolve(error.message))
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${name} cannot be started: ${await exited}`)
  const handle: RunningProcess = {
    name,
    pid,
    logFile,
    farewell,
    exited,
    kill: (signal) => child.kill(signal),
    async stop() {
      for (const [signal, patienceMs] of farewell) {
        if (running.has(handle)) child.kill(signal)
        await Promise.race([exited, sleep(patienceMs, undefined, { ref: false })])
      }
      if (running.has(handle)) sendSignal(-pid, 'SIGKILL')
      await exited
    },
  }
  running.add(handle)
  note()
  child.once('exit', () => {
    running.delete(handle)
    sendSignal(-pid, 'SIGKILL')
    note()
  })
  return handle
}

/** Ends everything that startProcess started, the youngest first. Nothing can be started afterwards. */
export async function stopEverything(): Promise<void> {
  closing = true
  for (const handle of [...running].reverse()) await handle.stop()
}

/** From now on the running processes are listed in this file, for a next start to find. */
export function noteProcessesIn(file: string): void {
  noteFile = file
  note()
}

/** The end of a log and which log it is, for people. */
export function tailOf(logFile: string, lines = 15): string {
  const end = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  return end === '' ? `${logFile} is empty` : `The end of ${logFile}:\n${end}`
}

function note(): void {
  if (noteFile !== undefined) noteProcesses(noteFile, [...running])
}
