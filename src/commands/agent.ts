// `admin agent …`: agents, what can be called.
import { type Command, Option } from 'commander'
import * as agents from '../repositories/agents.ts'
import {
  found,
  idOption,
  integerFrom,
  orgOption,
  Refusal,
  type Run,
  requireOrganization,
  text,
  uuid,
} from './command.ts'

export function addAgentCommands(program: Command, run: Run): void {
  const agent = program.command('agent').description('agents: what can be called')
  agent
    .command('create')
    .addOption(orgOption())
    .requiredOption('--name <name>', 'its display name', text)
    .addOption(new Option('--architecture <name>').choices(['pipeline', 'realtime', 'text']).makeOptionMandatory())
    .option('--credits-per-minute <n>', 'price of a started minute', integerFrom(1), 1)
    .option('--id <id>', 'its id (default: a new one)', uuid)
    .action(
      run(
        async (
          db,
          options: { org: string; name: string; architecture: string; creditsPerMinute: number; id?: string },
        ) => {
          await requireOrganization(db, options.org)
          const { org: organization_id, name, architecture, creditsPerMinute: credits_per_minute, id } = options
          const created = await agents.createAgent(db, {
            organization_id,
            name,
            architecture,
            credits_per_minute,
            ...(id && { id }),
          })
          if (!created) throw new Refusal(`there is an agent ${id} already`, 1)
          return created
        },
      ),
    )
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
