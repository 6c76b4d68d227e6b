// The files of the repository as it is written by hand, without what is installed, built or left behind.
import { readdirSync } from 'node:fs'

export const filesUnder = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`)

const unwritten = new Set([
  ...['node_modules', 'dist', '.git', '.tap', '.demo', 'package-lock.json', 'LICENSE'],
  // What `npm run clients` makes.
  ...['generated', 'build', 'target', '.cargo-target', '.venv', '__pycache__', '.next', 'next-env.d.ts'],
])
export const tree = readdirSync('.', { withFileTypes: true })
  .filter(({ name }) => !unwritten.has(name))
  .flatMap((entry) => (entry.isDirectory() ? filesUnder(entry.name) : [entry.name]))
  .filter((path) => !path.split('/').some((part) => unwritten.has(part)) && !path.endsWith('.log'))

/** The names of all migrations, oldest first. */
export const migrationNames = tree
  .map((path) => /^src\/repositories\/migrations\/(.+)\.ts$/.exec(path)?.[1])
  .filter((name) => name !== undefined)
  .sort()
