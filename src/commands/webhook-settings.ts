// What the commands of webhooks read: the types of events, the endpoint, and the variables that the service reads, too.
import { Option } from 'commander'
import type { Db } from '../repositories/schema.ts'
import { type Endpoint, findEndpoint } from '../repositories/webhook-endpoints.ts'
import { brokenText, formats, keyBytes, listItems } from '../variables.ts'
import { generateWebhookSecret, seal } from '../webhook-secret.ts'
import { type Around, check, found, Refusal } from './command.ts'

type Variable = Around['variable']

/** What an endpoint can choose from. `webhook.test` always goes to the endpoint that is tested. */
const eventTypes = ['call.started', 'call.ended', 'call.failed', 'credit.low', 'credit.depleted']

const events = check(`of ${eventTypes.join(', ')}, separated by commas`, (text) => {
  const types = [...new Set(listItems(text))]
  return types.length > 0 && types.every((type) => eventTypes.includes(type)) ? types : undefined
})

export const eventsOption = () =>
  new Option('--events <types>', `the types that it wants, of ${eventTypes.join(', ')}`).argParser(events)

export const requireEndpoint = async (db: Db, id: string) => found('webhook', id, await findEndpoint(db, id))

/** The value of a variable that must have this format; undefined where it is not set. */
export function readVariable(variable: Variable, name: string, format: 'hosts' | 'key'): string | undefined {
  const text = variable(name)?.trim()
  if (!text) return undefined
  const fault = brokenText(text) ?? (formats[format].allows(text) ? undefined : `must be ${formats[format].words}`)
  if (fault) throw new Refusal(`${name} ${fault}`, 2)
  return text
}

/** Refuses what would wait until the endpoint is enabled. */
export function requireEnabled({ id, disabled_at }: Endpoint): void {
  if (disabled_at) throw new Refusal(`webhook ${id} is disabled: webhook update --enable first`, 1)
}

/** A new secret: as its owner is shown it, and as it is stored. */
export function newSecret(variable: Variable) {
  const key = readVariable(variable, 'WEBHOOK_SECRET_KEY', 'key')
  const secret = generateWebhookSecret()
  return { secret, stored: seal(secret, key === undefined ? undefined : keyBytes(key)), isEncrypted: key !== undefined }
}
