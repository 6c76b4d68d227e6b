// A page of the list at its largest: a hundred sessions, each with as much metadata as a create may give.
import { sql } from 'kysely'
import type { Service } from './helper.ts'

export const fullMetadata = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`n${index}`, 'é'.repeat(245)]))

/** One session is created, the others are copies of it that have ended. */
export async function fillPage({ db, post, organization }: Service): Promise<void> {
  const { pipelineAgent: agent_id } = organization
  await post(JSON.stringify({ agent_id, metadata: fullMetadata }))
  await sql`
    INSERT INTO voice_sessions (room_name, organization_id, api_key_id, user_id, agent_id, agent_name, status, wake_at, rate,
                                held, charged, seconds_billed, metadata)
    SELECT 'agent_' || agent_id || '_x_' || (1700000000000 + n), organization_id, api_key_id, user_id, agent_id, agent_name,
           'ended', now(), rate, held, 0, 0, metadata
    FROM voice_sessions, generate_series(1, 99) AS n WHERE agent_id = ${agent_id}`.execute(db)
}
