// A room of the simulated LiveKit, and its times in milliseconds.
import type { Guest } from './webhook.ts'

export interface Room {
  name: string
  sid: string
  guests: Guest[]
  /** Its node is dead. */
  isLost: boolean
  /** When an agent joins, LiveKit closes the room, another node takes it over; Infinity: never. */
  agentAt: number
  closeAt: number
  healAt: number
  /** Since when caller and agent are both there. */
  talkingSince: number | undefined
}

export const agentAfter = 500
export const emptyTimeout = 60_000
/** The timeout and LiveKit's tick. */
export const departureTimeout = 10_500
export const deathNoticedAfter = 20_000
