// Usage as the wire shows it: each row under the name of what it is for, and a cursor that is the key of the row at which a page ends.
import { toDay } from '../days.ts'
import type { UsageSums } from '../repositories/usage.ts'
import { isUserIdentifier } from './context.ts'
import type { UsageGroupBy, UsageRow } from './openapi.gen.ts'

const names = { day: 'day', agent: 'agent_id', user_identifier: 'user_identifier' } as const

const isKey: Record<UsageGroupBy, (text: string) => boolean> = {
  day: (text) => toDay(text) !== undefined,
  agent: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
  user_identifier: isUserIdentifier,
}

const base64url = (text: string) => Buffer.from(text).toString('base64url')

export function toUsageRow(groupBy: UsageGroupBy, { key, ...sums }: UsageSums): UsageRow {
  return { ...(key !== null && { [names[groupBy]]: key }), ...sums }
}

/** Undefined where no row can come after it: the one without a key is the last. */
export const formatUsageCursor = (key: string | null | undefined): string | undefined =>
  typeof key === 'string' ? base64url(key) : undefined

/** The key that a cursor names; undefined where it is no cursor of such rows. */
export function parseUsageCursor(cursor: string, groupBy: UsageGroupBy): string | undefined {
  const key = Buffer.from(cursor, 'base64url').toString()
  return isKey[groupBy](key) && base64url(key) === cursor ? key : undefined
}
