// `admin agent …`: agents, what can be called.
import { type Command, Option } from 'commander'
import * as agents from '../repositories/agents.ts'
import type { AgentChanges } from '../repositories/schema.ts'
import { agentConfig } from './agent-config.ts'
import {
  agentName,
  found,
  idOption,
  integerFrom,
  orgOption,
  Refusal,
  type Run,
  requireChange,
  requireOrganization,
  uuid,
  workerName,
} from './command.ts'

const maxMinutes = 1440

/** What of an agent can be set, as it is given. `false` removes it. */
interface Settings {
  name?: string
  creditsPerMinute?: number
  config?: string | false
  workerName?: string | false
  maxCallMinutes?: number | false
}

const addSettings = (command: Command) =>
  command
    .option('--config <file>', 'what its worker is told: a file with a JSON object of at most 32 KiB', agentConfig)
    .option('--worker-name <name>', 'the worker that is dispatched (default: LIVEKIT_AGENT_NAME)', workerName)
    .option(
      '--max-call-minutes <n>',
      'its longest call, where that is less than MAX_CALL_MINUTES',
      integerFrom(1, maxMinutes),
    )

const orNull = <T>(value: T | false): T | null => (value === false ? null : value)

function changesOf({ name, creditsPerMinute, config, workerName, maxCallMinutes }: Settings): AgentChanges {
  return {
    ...(name !== undefined && { name }),
    ...(creditsPerMinute !== undefined && { credits_per_minute: creditsPerMinute }),
    ...(config !== undefined && { config: orNull(config) }),
    ...(workerName !== undefined && { worker_name: orNull(workerName) }),
    ...(maxCallMinutes !== undefined && { max_call_minutes: orNull(maxCallMinutes) }),
  }
}

export function addAgentCommands(program: Command, run: Run): void {
  const agent = program.command('agent').description('agents: what can be called')
  addSettings(
    agent
      .command('create')
      .addOption(orgOption())
      .requiredOption('--name <name>', 'its display name', agentName)
      .addOption(new Option('--architecture <name>').choices(['pipeline', 'realtime', 'text']).makeOptionMandatory())
      .option('--credits-per-minute <n>', 'price of a started minute', integerFrom(1), 1)
      .option('--id <id>', 'its id (default: a new one)', uuid),
  ).action(
    run(
      async (
        db,
        options: Settings & { org: string; name: string; architecture: string; creditsPerMinute: number; id?: string },
      ) => {
        await requireOrganization(db, options.org)
        const { org: organization_id, name, architecture, creditsPerMinute: credits_per_minute, id } = options
        const identity = { organization_id, name, architecture, credits_per_minute, ...(id && { id }) }
        const created = await agents.createAgent(db, { ...changesOf(options), ...identity })
        if (!created) throw new Refusal(`there is an agent ${id} already`, 1)
        return created
      },
    ),
  )
  addSettings(
    agent
      .command('update')
      .description('change what is named, from the next call on, and count up its version')
      .addOption(idOption('the agent'))
      .option('--name <name>', 'its display name', agentName)
      .option('--credits-per-minute <n>', 'price of a started minute', integerFrom(1)),
  )
    .option('--no-config', 'remove its configuration')
    .option('--no-worker-name', 'dispatch LIVEKIT_AGENT_NAME again')
    .option('--no-max-call-minutes', 'let calls take MAX_CALL_MINUTES again')
    .action(
      run(async (db, { id, ...settings }: Settings & { id: string }) => {
        const changes = changesOf(settings)
        requireChange(changes)
        const updated = await agents.updateAgent(db, id, changes)
        if (updated) return updated
        found('agent', id, await agents.findWholeAgent(db, id))
        throw new Refusal(`agent ${id} is deleted`, 1)
      }),
    )
  agent
    .command('show')
    .description('with its configuration')
    .addOption(idOption('the agent'))
    .action(run(async (db, { id }: { id: string }) => found('agent', id, await agents.findWholeAgent(db, id))))
  agent
    .command('list')
    .addOption(orgOption())
    .action(
      run(async (db, { org }: { org: string }) => {
        await requireOrganization(db, org)
        return agents.listAgents(db, org)
      }),
    )
  agent
    .command('delete')
    .addOption(idOption('the agent'))
    .action(run(async (db, { id }: { id: string }) => found('agent', id, await agents.deleteAgent(db, id))))
}
