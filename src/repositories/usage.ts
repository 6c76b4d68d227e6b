// What the sessions of an organization came to: sums of the figures that each has since it was settled, by day, agent or person.
// The index voice_sessions_usage_idx has all that is read of a settled session.
import { type RawBuilder, sql } from 'kysely'
import { millisecondsOfDay } from '../days.ts'
import type { Db } from './schema.ts'
import { executeOne } from './statement.ts'

export type GroupBy = 'day' | 'agent' | 'user_identifier'

export interface UsageSpan {
  /** The first day, as it begins in UTC. */
  from: Date
  /** The day after the last one. */
  to: Date
  group_by: GroupBy
  limit: number
  /** The key of the row at which the page before ended. */
  after?: string | undefined
}

export interface UsageSums {
  /** The day, such as 2024-01-15, the agent's id, or the person; null in the one row of sessions without a person. */
  key: string | null
  /** The agent's name now. */
  agent_name?: string
  calls: number
  calls_charged: number
  seconds_billed: number
  credits_charged: number
  credits_refunded: number
}

export interface UsageSummary {
  /** Ascending by the key, byte by byte. */
  rows: UsageSums[]
  /** Sessions that were created before `to` and are not settled. */
  open_calls: number
}

interface Group {
  key: RawBuilder<unknown>
  /** Comes after that key. */
  isAfter: (key: string) => RawBuilder<unknown>
  /** The key as text. */
  shown: RawBuilder<unknown>
  name?: RawBuilder<unknown>
}

const groups: Record<GroupBy, Group> = {
  day: {
    key: sql`(ended_at AT TIME ZONE 'UTC')::date`,
    // As a moment, so that the days before are not read.
    isAfter: (day) => sql`ended_at >= ${new Date(Date.parse(day) + millisecondsOfDay)}`,
    shown: sql`to_char(key, 'YYYY-MM-DD')`,
  },
  agent: {
    key: sql`agent_id`,
    // As text: the index of the agents would be tempting, and has the sessions of all days.
    isAfter: (key) => sql`agent_id::text COLLATE "C" > ${key}`,
    shown: sql`key`,
    name: sql`'agent_name', (SELECT name FROM agents WHERE id = key),`,
  },
  user_identifier: {
    key: sql`user_identifier COLLATE "C"`,
    isAfter: (key) => sql`(user_identifier COLLATE "C" > ${key} OR user_identifier IS NULL)`,
    shown: sql`key`,
  },
}

/** The database orders names by their length. */
const keyFirst = ({ key, agent_name, ...figures }: UsageSums): UsageSums =>
  agent_name === undefined ? { key, ...figures } : { key, agent_name, ...figures }

/** The sums of one page, and what is not in them yet, as they are at one moment. */
export async function sumUsage(db: Db, organizationId: string, span: UsageSpan): Promise<UsageSummary> {
  const { from, to, limit, after } = span
  const { key, isAfter, shown, name = sql`` } = groups[span.group_by]
  const rest = after === undefined ? sql`true` : isAfter(after)
  const select = sql<UsageSummary>`
    WITH sums AS (
      SELECT ${key} AS key, count(*) AS calls, count(*) FILTER (WHERE charged > 0) AS calls_charged,
             sum(seconds_billed) AS seconds_billed, sum(charged) AS credits_charged, sum(refunded) AS credits_refunded
      FROM voice_sessions
      WHERE organization_id = ${organizationId} AND charged IS NOT NULL AND ended_at >= ${from} AND ended_at < ${to} AND ${rest}
      GROUP BY 1 ORDER BY 1 NULLS LAST LIMIT ${limit}
    )
    SELECT COALESCE((
        SELECT jsonb_agg(jsonb_build_object('key', ${shown}, ${name} 'calls', calls, 'calls_charged', calls_charged,
          'seconds_billed', seconds_billed, 'credits_charged', credits_charged, 'credits_refunded', credits_refunded)
          ORDER BY key NULLS LAST) FROM sums), '[]') AS rows,
      (SELECT count(*) FROM voice_sessions
       WHERE organization_id = ${organizationId} AND charged IS NULL AND created_at < ${to}) AS open_calls`
  const { rows, open_calls } = await executeOne(db, 'sumUsage', select)
  return { rows: rows.map(keyFirst), open_calls }
}
