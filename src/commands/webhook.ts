// `admin webhook …`: endpoints, where organizations are told of their events.
import { type Command, Option } from 'commander'
import * as endpoints from '../repositories/webhook-endpoints.ts'
import { idOption, integerFrom, orgOption, type Run, requireChange, requireOrganization, text } from './command.ts'
import { addDeliveryCommands } from './webhook-deliveries.ts'
import { noteOddities, requireUrl } from './webhook-destination.ts'
import { eventsOption, newSecret, requireEndpoint } from './webhook-settings.ts'

const maxOverlapHours = 720

interface Changes {
  id: string
  url?: string
  events?: string[]
  allEvents?: boolean
  enable?: boolean
  disable?: boolean
}

export function addWebhookCommands(program: Command, run: Run): void {
  const webhook = program.command('webhook').description('endpoints: where organizations are told of their events')
  webhook
    .command('create')
    .description('prints the secret that signs; it is shown this once')
    .addOption(orgOption())
    .requiredOption('--url <url>', 'where events are posted to, https://…', text)
    .addOption(eventsOption())
    .action(
      run(async (db, { org, url: given, events }: { org: string; url: string; events?: string[] }, around) => {
        const url = requireUrl(given, around)
        const { secret, stored, isEncrypted } = newSecret(around.variable)
        await requireOrganization(db, org)
        const endpoint = { organization_id: org, url, events: events ?? null }
        await noteOddities(db, endpoint, around)
        const { id } = await endpoints.createEndpoint(db, { ...endpoint, secret: stored })
        return { id, url, events: endpoint.events, secret, secret_is_encrypted: isEncrypted }
      }),
    )
  webhook
    .command('list')
    .addOption(orgOption())
    .action(
      run(async (db, { org }: { org: string }) => {
        await requireOrganization(db, org)
        return endpoints.listEndpoints(db, org)
      }),
    )
  webhook
    .command('show')
    .addOption(idOption('the webhook'))
    .action(run((db, { id }: { id: string }) => requireEndpoint(db, id)))
  webhook
    .command('update')
    .description('change what is named, for what is sent from now on')
    .addOption(idOption('the webhook'))
    .option('--url <url>', 'where events are posted to, https://…', text)
    .addOption(eventsOption())
    .addOption(new Option('--all-events', 'send it all types, also those of later versions').conflicts('events'))
    .option('--enable', 'send what waits, and what comes')
    .addOption(new Option('--disable', 'send nothing: deliveries wait').conflicts('enable'))
    .action(
      run(async (db, { id, url: given, events, allEvents, enable, disable }: Changes, around) => {
        const url = given === undefined ? undefined : requireUrl(given, around)
        const changes = {
          ...(url !== undefined && { url }),
          ...((events || allEvents) && { events: events ?? null }),
          ...((enable || disable) && { isEnabled: enable === true }),
        }
        requireChange(changes)
        const { organization_id } = await requireEndpoint(db, id)
        if (url !== undefined) await noteOddities(db, { id, organization_id, url }, around)
        await endpoints.updateEndpoint(db, id, changes)
        return requireEndpoint(db, id)
      }),
    )
  webhook
    .command('rotate')
    .description('prints a new secret, this once; the old one signs, too, for some hours')
    .addOption(idOption('the webhook'))
    .option('--overlap <hours>', 'how long the old one signs, too', integerFrom(0, maxOverlapHours), 24)
    .action(
      run(async (db, { id, overlap }: { id: string; overlap: number }, { variable }) => {
        const { secret, stored, isEncrypted } = newSecret(variable)
        await endpoints.rotateSecret(db, id, stored, overlap)
        const { previous_until } = await requireEndpoint(db, id)
        return { id, secret, previous_until, secret_is_encrypted: isEncrypted }
      }),
    )
  webhook
    .command('delete')
    .description('with its deliveries; the events stay')
    .addOption(idOption('the webhook'))
    .action(
      run(async (db, { id }: { id: string }) => {
        const endpoint = await requireEndpoint(db, id)
        await endpoints.deleteEndpoint(db, endpoint)
        return endpoint
      }),
    )
  addDeliveryCommands(webhook, run)
}
