// A clock of PostgreSQL's own, ahead of or behind the machine's, by libfaketime.
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ShiftedClock {
  /** What PostgreSQL is started with. */
  environment: Record<string, string>
  /** From now on its clock is so many seconds ahead; behind where that is negative. */
  set(seconds: number): void
  remove(): void
}

function findLibrary(): string {
  const directories = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime'))
  const found = directories.map((directory) => join(directory, 'libfaketime.so.1')).find((path) => existsSync(path))
  if (!found) throw new Error('there is no libfaketime: install it ("apt-get install libfaketime")')
  return found
}

export function shiftedClock(): ShiftedClock {
  const directory = mkdtempSync(join(tmpdir(), 'voice-sessions-clock-'))
  // PostgreSQL may run under another account, which must read it.
  chmodSync(directory, 0o755)
  const file = join(directory, 'offset')
  const set = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}s\n`)
  set(0)
  return {
    environment: {
      LD_PRELOAD: findLibrary(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      // Its timeouts are not to jump.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
    set,
    remove: () => rmSync(directory, { recursive: true }),
  }
}
