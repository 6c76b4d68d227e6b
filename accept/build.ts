// Builds the service. A replica that was killed is then back in half a second; started from TypeScript it takes four times
// as long.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const directory = join(import.meta.dirname, '..')
/** What a replica runs. */
export const program = join(directory, 'dist', 'server.js')

const { scripts } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
/** What Node runs it with in production. */
export const nodeOptions: string[] = scripts.start.split(' ').filter((word: string) => /^--[\w-]+=\d+$/.test(word))

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** Builds it unless nothing has changed since. */
export function buildService(): void {
  const sources = readdirSync(join(directory, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(directory, 'src', name),
  )
  const newest = Math.max(...[...sources, join(directory, 'package-lock.json')].map(changedAt))
  if (changedAt(program) > newest) return
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: directory, stdio: ['ignore', 2, 2] })
}
