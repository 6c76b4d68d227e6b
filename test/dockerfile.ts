// The Dockerfile's steps, performed without an engine: each stage in an empty directory of its own.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

export interface Instruction {
  name: string
  /** What follows the name, without flags. */
  text: string
  flags: Record<string, string>
}

/** The instructions of a Dockerfile, stage by stage. */
export function readStages(file: string): Instruction[][] {
  const lines = readFileSync(file, 'utf8').replaceAll('\\\n', ' ').split('\n')
  const instructions = lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', flagsText = '', text = ''] = /^(\w+)\s+((?:--\S+\s+)*)(.*)$/.exec(line) ?? []
      const flags = flagsText.trim().split(/\s+/).filter(Boolean)
      return { name, text, flags: Object.fromEntries(flags.map((flag) => flag.slice(2).split(/=(.*)/s))) }
    })
  const stages: Instruction[][] = []
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') stages.push([])
    stages.at(-1)?.push(instruction)
  }
  return stages
}

/** What a stage's last instruction of this name says, for instance `CMD`, as the list of words that it is. */
export function wordsOf(stage: Instruction[], name: string): string[] {
  const { text = '' } = stage.findLast((instruction) => instruction.name === name) ?? {}
  return JSON.parse(text.replace(/^CMD /, ''))
}

export const environmentOf = (stage: Instruction[]): Record<string, string> =>
  Object.fromEntries(stage.filter(({ name }) => name === 'ENV').map(({ text }) => text.split(/[= ](.*)/s, 2)))

const describing = new Set(['FROM', 'ARG', 'WORKDIR', 'ENV', 'USER', 'EXPOSE', 'HEALTHCHECK', 'CMD'])

/** Gives what was copied the modes that it has in an image: those of COPY, or of a clone that was made under `umask 077`. */
function setModes(path: string, chmod: string | undefined): void {
  const isFolder = lstatSync(path).isDirectory()
  chmodSync(path, chmod ? Number.parseInt(chmod, 8) : isFolder ? 0o700 : 0o600)
  if (isFolder) for (const name of readdirSync(path)) setModes(join(path, name), chmod)
}

/**
 * Performs a stage in this directory, which takes the place of `/app`. `installed`, where it is given, takes the place of
 * what its `npm ci` would fetch once more.
 */
export function perform(stage: Instruction[], directory: string, earlier: Record<string, string>, installed?: string) {
  mkdirSync(directory, { recursive: true })
  for (const { name, text, flags } of stage) {
    if (name === 'COPY') {
      const paths = text.split(/\s+/)
      const target = paths.pop() as string
      for (const path of paths) {
        const from = flags.from ? join(earlier[flags.from] as string, path.replace('/app/', '')) : resolve(path)
        const isFolder = target === './'
        const to = isFolder ? join(directory, basename(path)) : join(directory, target)
        cpSync(from, to, { recursive: true })
        if (!flags.from) setModes(to, flags.chmod)
      }
    } else if (name === 'RUN' && installed && text.startsWith('npm ci')) {
      symlinkSync(installed, join(directory, 'node_modules'))
    } else if (name === 'RUN') {
      // From npm's cache where it can: a clone that runs its tests has installed the same packages before.
      const env = { ...process.env, NODE_OPTIONS: '', npm_config_prefer_offline: 'true', npm_config_audit: 'false' }
      const { status, stdout, stderr } = spawnSync('sh', ['-c', `umask 022; ${text}`], {
        cwd: directory,
        env,
        encoding: 'utf8',
      })
      if (status !== 0) throw new Error(`${text} failed: ${stdout}${stderr}`)
    } else if (!describing.has(name)) {
      throw new Error(`no idea how to perform ${name} ${text}`)
    }
  }
}
