// `admin session …`: voice sessions.
import { type Command, Option } from 'commander'
import type { Status } from '../lifecycle.ts'
import type { Db } from '../repositories/schema.ts'
import { nameVerdict } from '../repositories/transitions.ts'
import { findOrganizationOf, findSession, listOpenRoomNames, listSessions } from '../repositories/voice-sessions.ts'
import { findWholeSession } from '../repositories/whole-session.ts'
import {
  found,
  integerFrom,
  orgOption,
  type Run,
  requireOrganization,
  roomOption,
  text,
  time,
  uuid,
} from './command.ts'
import { csv } from './csv.ts'

/** Billing stops at once. A running service, which can reach LiveKit, deletes the room and settles within seconds. */
async function endSession(db: Db, roomName: string): Promise<void> {
  await nameVerdict(db, roomName, 'ended_by_api', 0)
}

/** Ends the open sessions of a key or an organization; how many there were. */
export async function endSessions(db: Db, of: Parameters<typeof listOpenRoomNames>[1]): Promise<number> {
  const roomNames = await listOpenRoomNames(db, of)
  for (const roomName of roomNames) await endSession(db, roomName)
  return roomNames.length
}

/** As `session list` prints them, one after the other. */
const columns = [
  ...(['room_name', 'agent_id', 'agent_name', 'agent_version', 'user_id', 'user_identifier', 'metadata'] as const),
  ...(['status', 'created_at', 'caller_joined_at', 'agent_joined_at', 'ended_at', 'end_reason'] as const),
  ...(['rate', 'held', 'charged', 'refunded', 'seconds_billed', 'request_id'] as const),
]

interface Listed {
  org: string
  status?: Status
  since?: Date
  until?: Date
  agent?: string
  userIdentifier?: string
  limit?: number
  csv?: boolean
}

export function addSessionCommands(program: Command, run: Run): void {
  const session = program.command('session').description('voice sessions')
  session
    .command('list')
    .description('newest first')
    .addOption(orgOption())
    .addOption(new Option('--status <name>', 'only those').choices(['creating', 'active', 'ended']))
    .option('--since <time>', 'only those created then or later, RFC 3339', time)
    .option('--until <time>', 'only those created before, RFC 3339', time)
    .option('--agent <id>', 'only those of this agent', uuid)
    .option('--user-identifier <text>', 'only those whose create named exactly this', text)
    .option('--limit <n>', 'at most so many', integerFrom(1))
    .option('--csv', 'print CSV, with a header line')
    .action(
      run(async (db, { org, status, since, until, agent, userIdentifier, limit, csv: asCsv }: Listed) => {
        await requireOrganization(db, org)
        const sessions = await listSessions(db, org, {
          ...{ status, created_after: since, created_before: until, agent_id: agent, user_identifier: userIdentifier },
          limit: limit ?? Number.MAX_SAFE_INTEGER,
        })
        return asCsv ? csv(columns, sessions) : sessions.map(({ created_at_us, ...session }) => session)
      }),
    )
  session
    .command('show')
    .description('all that is stored of a session, with who was in its room')
    .addOption(roomOption())
    .action(run(async (db, { room }: { room: string }) => found('session', room, await findWholeSession(db, room))))
  session
    .command('end')
    .description('end a call; billing stops at once, a running service closes the room')
    .addOption(roomOption())
    .action(
      run(async (db, { room }: { room: string }) => {
        const organization = found('session', room, await findOrganizationOf(db, room))
        await endSession(db, room)
        return findSession(db, room, organization)
      }),
    )
}
