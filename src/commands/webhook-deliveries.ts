// `admin webhook test|deliveries|redeliver`: what an endpoint is sent, and what became of it.
import { type Command, Option } from 'commander'
import { type DeliveryStatus, listDeliveries } from '../repositories/delivery-log.ts'
import { type Chosen, redeliver, writeTest } from '../repositories/redeliveries.ts'
import type { Db } from '../repositories/schema.ts'
import { findOrganizationOf } from '../repositories/voice-sessions.ts'
import { found, idOption, integerFrom, Refusal, type Run, text, time } from './command.ts'
import { requireEnabled, requireEndpoint } from './webhook-settings.ts'

interface Which {
  id: string
  event?: string
  room?: string
  since?: Date
  failed?: boolean
}

/** What is to be sent again; the organization's session where one is named. */
async function choose(db: Db, organizationId: string, { event, room, since, failed }: Which): Promise<Chosen> {
  if (room !== undefined) {
    const owner = await findOrganizationOf(db, room)
    found('session', room, owner === organizationId ? owner : undefined)
    return { room }
  }
  if (event !== undefined) return { event }
  if (since) return { since }
  if (failed) return 'failed'
  throw new Refusal('what to send again is missing: --event, --room, --since or --failed', 2)
}

export function addDeliveryCommands(webhook: Command, run: Run): void {
  webhook
    .command('test')
    .description('send a webhook.test; a running service delivers it')
    .addOption(idOption('the webhook'))
    .action(
      run(async (db, { id }: { id: string }, { note }) => {
        const endpoint = await requireEndpoint(db, id)
        requireEnabled(endpoint)
        const written = await writeTest(db, endpoint)
        note(`webhook deliveries --id ${id} shows what became of it`)
        return { id, ...written }
      }),
    )
  webhook
    .command('deliveries')
    .description('what became of its events, the newest first')
    .addOption(idOption('the webhook'))
    .addOption(new Option('--status <name>', 'only those').choices(['pending', 'delivered', 'given_up']))
    .option('--limit <n>', 'at most so many', integerFrom(1), 100)
    .action(
      run(async (db, { id, status, limit }: { id: string; status?: DeliveryStatus; limit: number }, { note }) => {
        const deliveries = await listDeliveries(db, await requireEndpoint(db, id), { status, limit })
        if (deliveries.some(({ failure }) => failure === 'address'))
          note("address: the host is not public, and the running service's WEBHOOK_INSECURE_HOSTS does not name it")
        return deliveries
      }),
    )
  webhook
    .command('redeliver')
    .description('send events again, under their ids, from the start of the schedule')
    .addOption(idOption('the webhook'))
    .addOption(new Option('--event <id>', 'this event').argParser(text).conflicts(['room', 'since', 'failed']))
    .addOption(new Option('--room <name>', 'those of a session').argParser(text).conflicts(['since', 'failed']))
    .addOption(new Option('--since <time>', 'those of then or later, RFC 3339').argParser(time).conflicts('failed'))
    .option('--failed', 'those that were given up')
    .action(
      run(async (db, which: Which) => {
        const endpoint = await requireEndpoint(db, which.id)
        const chosen = await choose(db, endpoint.organization_id, which)
        requireEnabled(endpoint)
        const redelivered = await redeliver(db, endpoint, chosen)
        if (which.event !== undefined && redelivered === 0) found('event', which.event, undefined)
        return { id: which.id, redelivered }
      }),
    )
}
