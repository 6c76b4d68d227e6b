// What the clients are generated and compiled with, and whether this machine has it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const CHECK_TIMEOUT_MS = 30_000

export interface Toolchain {
  /** For the sentence "… is missing". */
  name: string
  /** The commands that succeed, with an output like this, where it is there. */
  checks: { command: string[]; output?: RegExp }[]
}

export const node: Toolchain = { name: 'npm', checks: [{ command: ['npm', '--version'] }] }

export const python: Toolchain = {
  name: 'Python 3.11 or newer with venv (on Debian: apt install python3-venv)',
  checks: [{ command: ['python3', '-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 11)'] }],
}

export const go: Toolchain = {
  name: 'Go 1.25 or newer (https://go.dev/dl)',
  checks: [{ command: ['go', 'version'], output: /go1\.(2[5-9]|[3-9]\d)/ }],
}

const jdk = /(version "|Java version: |javac )(1[7-9]|[2-9]\d)/
export const java: Toolchain = {
  name: 'a JDK 17 or newer with Maven (on Debian: apt install maven openjdk-17-jdk-headless)',
  checks: [
    { command: ['mvn', '--version'], output: jdk },
    { command: ['java', '-version'], output: jdk },
    { command: ['javac', '-version'], output: jdk },
  ],
}

export const rust: Toolchain = {
  name: 'Rust 1.88 or newer with Cargo (on Debian 12: apt install cargo-web)',
  checks: [{ command: ['cargo', '--version'], output: /cargo 1\.(8[89]|9\d|\d{3})/ }, { command: ['cc', '--version'] }],
}

export async function isThere({ checks }: Toolchain): Promise<boolean> {
  for (const { command, output } of checks) {
    const [program, ...args] = command as [string, ...string[]]
    const found = await promisify(execFile)(program, args, { timeout: CHECK_TIMEOUT_MS }).catch(() => undefined)
    if (!found || (output && !output.test(found.stdout + found.stderr))) return false
  }
  return true
}
