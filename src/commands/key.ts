// `admin key …`: API keys, who calls.
import type { Command } from 'commander'
import { apiKeyPrefixLength, generateApiKey, hashApiKey } from '../api-key.ts'
import * as apiKeys from '../repositories/api-keys.ts'
import { found, idOption, orgOption, type Run, requireOrganization, time, userId } from './command.ts'
import { endSessions } from './session.ts'

export function addKeyCommands(program: Command, run: Run): void {
  const key = program.command('key').description('API keys: who calls')
  key
    .command('create')
    .description('prints the key; it is shown this once')
    .addOption(orgOption())
    .requiredOption('--user <id>', 'the user that callers with this key become', userId)
    .option('--expires <time>', 'when it ends, RFC 3339 (default: never)', time)
    .action(
      run(async (db, { org, user, expires }: { org: string; user: string; expires?: Date }) => {
        await requireOrganization(db, org)
        const key = generateApiKey()
        const prefix = key.slice(0, apiKeyPrefixLength)
        const row = {
          organization_id: org,
          user_id: user,
          expires_at: expires ?? null,
          key_hash: hashApiKey(key),
          prefix,
        }
        return { ...(await apiKeys.createApiKey(db, row)), key }
      }),
    )
  key
    .command('list')
    .addOption(orgOption())
    .action(
      run(async (db, { org }: { org: string }) => {
        await requireOrganization(db, org)
        return apiKeys.listApiKeys(db, org)
      }),
    )
  key
    .command('revoke')
    .description('refuse the key from the next request on; running calls go on')
    .addOption(idOption('the key'))
    .option('--end-calls', 'end its running calls, too')
    .action(
      run(async (db, { id, endCalls = false }: { id: string; endCalls?: boolean }) => {
        const revoked = found('key', id, await apiKeys.revokeApiKey(db, id))
        return { ...revoked, ended_calls: endCalls ? await endSessions(db, { api_key_id: id }) : 0 }
      }),
    )
}
