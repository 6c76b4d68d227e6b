// Starts what the demo has of its own, PostgreSQL and livekit-server, as the demo does; a program for test/shell-variables.test.ts.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { findLivekitServer } from '../demo/livekit-binary.ts'
import { startLivekitServer } from '../demo/livekit-server.ts'
import { startPostgres } from '../demo/postgres.ts'
import { stopEverything } from '../demo/processes.ts'
import { forgetShell } from '../demo/shell.ts'

const directory = process.argv[2] as string
process.stdout.write(`${forgetShell({}).sort().join(' ')}\n`)
const program = await findLivekitServer(() => {})
const [postgres] = await Promise.all([
  startPostgres({ directory: join(directory, 'postgres'), logFile: join(directory, 'postgres.log') }),
  startLivekitServer({ program, directory: join(directory, 'livekit'), logFile: join(directory, 'livekit.log') }),
])
process.stdout.write('both answer\n')
await stopEverything()
rmSync(postgres.directory, { recursive: true, force: true })
process.exit()
