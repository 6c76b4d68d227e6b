// Finds a livekit-server on this machine, or builds one with Go into the user's cache, where all checkouts share it.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { identityOf } from './process-identity.ts'
import { startProcess, tailOf } from './processes.ts'

const LIVEKIT_VERSION = 'v1.13.5'
/** The main branch and some releases carry "replace" lines, with which go install refuses to work; this one does not. */
const GO_MODULE = `github.com/livekit/livekit-server/cmd/server@${LIVEKIT_VERSION}`
export const DOCKER_IMAGE = `livekit/livekit-server:${LIVEKIT_VERSION}`
const PROGRESS_INTERVAL_MS = 5000
const CHECK_TIMEOUT_MS = 10_000

export interface LivekitProgram {
  command: string
  found: 'on PATH' | 'cached' | 'built with Go' | 'in Docker'
}

/** The first there is: on PATH, in the cache, built with Go, in Docker. progress gets a line now and then. */
export async function findLivekitServer(progress: (line: string) => void): Promise<LivekitProgram> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const command = join(directory, 'livekit-server')
    if (existsSync(command) && (await works(command, ['--version']))) return { command, found: 'on PATH' }
  }
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'voice-sessions')
  const command = join(cache, `livekit-server-${LIVEKIT_VERSION}`)
  if (existsSync(command) && (await works(command, ['--version']))) return { command, found: 'cached' }
  let failure = ''
  if (await works('go', ['version'])) {
    failure = await build(cache, command, progress)
    if (failure === '') return { command, found: 'built with Go' }
    progress('livekit-server could not be built with Go; looking for Docker')
  }
  // Docker's client may be installed without an engine for it to talk to. Host networking, which carries LiveKit's UDP
  // to a loopback address, is Linux's.
  if (process.platform === 'linux' && (await works('docker', ['info', '--format', '{{.ServerVersion}}']))) {
    return { command: 'docker', found: 'in Docker' }
  }
  throw new Error(`there is no livekit-server on this machine. Any one of these gets you one:
  1. install it: "brew install livekit", or see https://docs.livekit.io/transport/self-hosting/local
  2. install Go 1.26 or newer (https://go.dev/dl), and the demo builds livekit-server ${LIVEKIT_VERSION} once
  3. on Linux: start Docker, and the demo runs ${DOCKER_IMAGE}${failure}`)
}

/** Builds beside the cache and moves the result there: a build that is cut short leaves nothing that looks finished. */
async function build(cache: string, target: string, progress: (line: string) => void): Promise<string> {
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache)) {
    const builder = /^build-(\d+)-/.exec(name)?.[1]
    if (builder !== undefined && identityOf(Number(builder)) === undefined) removeBuild(join(cache, name))
  }
  const directory = mkdtempSync(join(cache, `build-${process.pid}-`))
  const logFile = join(directory, 'build.log')
  const env = { ...process.env, GOBIN: directory, GOTMPDIR: directory, CGO_ENABLED: '0' }
  const started = Date.now()
  const report = () => {
    const seconds = Math.round((Date.now() - started) / 1000)
    progress(`building livekit-server ${LIVEKIT_VERSION} (once, a few minutes) … ${seconds} s`)
  }
  report()
  const timer = setInterval(report, PROGRESS_INTERVAL_MS)
  try {
    const go = await startProcess({
      name: 'go',
      command: 'go',
      args: ['install', GO_MODULE],
      cwd: directory,
      env,
      logFile,
    })
    const end = await go.exited
    if (end !== 'exit code 0') return `\n"go install ${GO_MODULE}" ended with ${end}. ${tailOf(logFile)}`
    renameSync(join(directory, 'server'), target)
    return ''
  } finally {
    clearInterval(timer)
    removeBuild(directory)
  }
}

function removeBuild(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
}

function works(command: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: CHECK_TIMEOUT_MS }, (error, stdout) => resolve(!error && stdout.trim() !== ''))
  })
}
