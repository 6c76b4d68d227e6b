// What the commands share: how options are read, how a command runs against the database, how it is refused.
import { InvalidArgumentError, Option } from 'commander'
import { toDay } from '../days.ts'
import { uuidPattern } from '../repositories/agents.ts'
import { createDatabase, terminalConnectionMilliseconds } from '../repositories/database.ts'
import { findOrganization } from '../repositories/organizations.ts'
import type { Db } from '../repositories/schema.ts'
import { userIdPattern } from '../room-name.ts'
import { brokenText, formats } from '../variables.ts'
import { Csv } from './csv.ts'

/** Ends the command with one line on stderr. */
export class Refusal extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: 1 | 2) {
    super(message)
    this.exitCode = exitCode
  }
}

const maxNameCharacters = 200

const timePattern = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):\d{2})$/i

export function check<T>(what: string, parse: (text: string) => T | undefined) {
  return (text: string): T => {
    const value = parse(text)
    if (value === undefined) throw new InvalidArgumentError(`It must be ${what}.`)
    return value
  }
}

export const uuid = check('a UUID', (text) => (uuidPattern.test(text) ? text.toLowerCase() : undefined))
export const text = check('a text that is not blank', (text) => (text.trim() === '' ? undefined : text))
export const agentName = check('1 to 200 characters that are not all blanks', (text) =>
  text.trim() === '' || [...text].length > maxNameCharacters ? undefined : text,
)
/** What LIVEKIT_AGENT_NAME may be. A worker whose name differs in what nobody sees would never come. */
export const workerName = check('a name without quotes or blanks around it, or invisible characters', (text) =>
  text === '' || text !== text.trim() || brokenText(text) ? undefined : text,
)
export const userId = check('1 to 128 of A-Z a-z 0-9 . _ -', (text) => (userIdPattern.test(text) ? text : undefined))
export const time = check('an RFC 3339 time such as 2030-01-31T12:00:00Z', (text) => {
  const [, day = ''] = timePattern.exec(text) ?? []
  const time = new Date(text)
  return toDay(day) && !Number.isNaN(time.getTime()) ? time : undefined
})
export const integerFrom = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  check(`a whole number from ${minimum} to ${maximum}`, (text) => {
    const value = Number(text)
    return /^-?\d{1,16}$/.test(text) && value >= minimum && value <= maximum ? value : undefined
  })

export const found = <T>(what: string, id: string, row: T | undefined): T => {
  if (row === undefined) throw new Refusal(`there is no ${what} ${id}`, 2)
  return row
}
export const requireOrganization = async (db: Db, id: string) =>
  found('organization', id, await findOrganization(db, id))

/** Refuses a command that would change nothing. */
export function requireChange(changes: object): void {
  if (Object.keys(changes).length === 0) throw new Refusal('what to change is missing, see --help', 2)
}

const urlFormat = formats['postgres-url']

/** What a command line has around it. */
export interface Surroundings {
  /** The value of an environment variable, where it is set. */
  variable(name: string): string | undefined
  /** Reads variables from a file, as Node's `--env-file` does; throws where it cannot be read. */
  readVariables(file: string): void
  /** Takes what is printed on stdout, and on stderr. */
  print(text: string): void
  warn(text: string): void
}

/** What a command has beside the database and its options. */
export interface Around {
  variable: Surroundings['variable']
  /** Says a line on stderr, to people; the command goes on. */
  note(line: string): void
}

/**
 * The action of a command: runs it against the database, prints what it resolves with, as one line of JSON where it is no CSV,
 * and has the process end with `exitCodeOf` that, by default 0.
 */
export type Run = <Options, Result>(
  command: (db: Db, options: Options, around: Around) => Promise<Result>,
  exitCodeOf?: (result: Result) => number,
) => (options: Options) => Promise<void>

export const createRun =
  ({ variable, print, warn }: Surroundings, end: (exitCode: number) => void): Run =>
  (command, exitCodeOf = () => 0) =>
  async (options) => {
    const url = variable('DATABASE_URL')?.trim()
    if (!url) throw new Refusal('DATABASE_URL is required', 2)
    if (!urlFormat.allows(url)) throw new Refusal(`DATABASE_URL must be ${urlFormat.words}`, 2)
    const db = createDatabase(url, { connectionTimeoutMillis: terminalConnectionMilliseconds })
    try {
      const result = await command(db, options, { variable, note: (line) => warn(`note: ${line}\n`) })
      print(result instanceof Csv ? result.text : `${JSON.stringify(result)}\n`)
      end(exitCodeOf(result))
    } finally {
      await db.destroy()
    }
  }

export const orgOption = () => new Option('--org <id>', 'the organization').argParser(uuid).makeOptionMandatory()
export const roomOption = () =>
  new Option('--room <name>', 'the room name of the session').argParser(text).makeOptionMandatory()
export const idOption = (what: string) => new Option('--id <id>', what).argParser(uuid).makeOptionMandatory()
