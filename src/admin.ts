// The operator's command line: `npm run admin -- --help`. It needs only DATABASE_URL and prints JSON, one line. Wrong input
// or an unknown id ends it with 2, a conflict with what is there or a failure with 1.
import { Command, CommanderError } from 'commander'
import { addAgentCommands } from './commands/agent.ts'
import { Refusal } from './commands/command.ts'
import { addCreditsCommands } from './commands/credits.ts'
import { addDatabaseCommands } from './commands/database.ts'
import { addKeyCommands } from './commands/key.ts'
import { addOrgCommands } from './commands/org.ts'
import { addSessionCommands } from './commands/session.ts'

/** Commander would print its whole help to stderr. */
const missingCommand = 'error: a command is missing, see --help'

/** One line on stderr, whatever an argument or the database puts into it. */
const writeLine = (text: string) => process.stderr.write(`${text.trim().replaceAll(/\s+/g, ' ')}\n`)

const program = new Command('admin')
  .description('Runs voice-sessions from the command line. Needs DATABASE_URL; prints JSON.')
  .showSuggestionAfterError(false)
  .configureOutput({ writeErr: (text) => writeLine(text.startsWith('Usage:') ? missingCommand : text) })
  .exitOverride()

addDatabaseCommands(program)
addOrgCommands(program)
addKeyCommands(program)
addAgentCommands(program)
addCreditsCommands(program)
addSessionCommands(program)

const outOfRange = new Set(['23514', '22003'])

function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof Refusal) return error
  const { code = '', message } = error as { code?: string; message: string }
  if (outOfRange.has(code))
    return { message: 'the credits would be less than 0 or more than 9007199254740991', exitCode: 1 }
  return { message: `the database failed: ${code} ${message}`, exitCode: 1 }
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else {
    const { message, exitCode } = explain(error)
    writeLine(`error: ${message}`)
    process.exitCode = exitCode
  }
}
