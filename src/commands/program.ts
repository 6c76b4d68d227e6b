// The command line as a whole: all commands, what it prints where one is refused or fails, and its exit code. Wrong input or an
// unknown id ends it with 2, a conflict with what is there or a failure with 1.
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { explainTrouble } from '../repositories/connection-trouble.ts'
import { TooManyCredits } from '../repositories/credit-grants.ts'
import { addAgentCommands } from './agent.ts'
import { createRun, Refusal, type Surroundings } from './command.ts'
import { addCreditsCommands } from './credits.ts'
import { addDatabaseCommands } from './database.ts'
import { addExplainCommand } from './explain.ts'
import { addKeyCommands } from './key.ts'
import { addOrgCommands } from './org.ts'
import { addSessionCommands } from './session.ts'
import { addUsageCommand } from './usage.ts'
import { addWebhookCommands } from './webhook.ts'

/** Commander would print its whole help to stderr. */
const missingCommand = 'error: a command is missing, see --help'

const outOfRange = new Set(['23514', '22003'])

function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof Refusal) return error
  const { code = '' } = error as { code?: string }
  if (outOfRange.has(code) || error instanceof TooManyCredits)
    return { message: 'the credits would be less than 0 or more than 9007199254740991', exitCode: 1 }
  // No text may be longer than half a gigabyte.
  if (error instanceof RangeError) return { message: `this is too much to print: ${error.message}`, exitCode: 1 }
  return { message: `the database failed: ${explainTrouble(error)}`, exitCode: 1 }
}

/** Runs the command that the arguments name, such as `['org', 'list']`; resolves with the exit code. */
export async function runProgram(args: string[], surroundings: Surroundings): Promise<number> {
  /** One line, whatever an argument or the database puts into it. */
  const warn = (text: string) => surroundings.warn(`${text.trim().replaceAll(/\s+/g, ' ')}\n`)
  let exitCode = 0
  const run = createRun(surroundings, (code) => {
    exitCode = code
  })
  const readFile = (file: string) => {
    try {
      surroundings.readVariables(file)
    } catch (error) {
      throw new InvalidArgumentError(`It cannot be read: ${(error as Error).message}`)
    }
  }
  const program = new Command('admin')
    .description('Runs voice-sessions from the command line. Needs DATABASE_URL; prints JSON.')
    .option('--env-file <file>', 'read variables that are not set from this file', readFile)
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: surroundings.print,
      writeErr: (text) => warn(text.startsWith('Usage:') ? missingCommand : text),
    })
    .exitOverride()
  for (const addCommands of [
    addDatabaseCommands,
    addOrgCommands,
    addKeyCommands,
    addAgentCommands,
    addCreditsCommands,
    addSessionCommands,
    addExplainCommand,
    addWebhookCommands,
    addUsageCommand,
  ])
    addCommands(program, run)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const refusal = explain(error)
    warn(`error: ${refusal.message}`)
    return refusal.exitCode
  }
}
