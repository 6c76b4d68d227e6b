// What a page is asked to do, and what it tells.

export interface ClientOptions {
  url: string
  token: string
  /** Milliseconds from the connection until it answers LiveKit's offer, by which it becomes ACTIVE; absent: never. */
  answersAfter?: number
  /** Milliseconds from the connection until it sends sound; absent: never. */
  publishesAfter?: number
}

export interface ClientStatus {
  /** How often it has connected. */
  joins: number
  /** Unix milliseconds at which its sound began, and its connection ended, if it has. */
  sound: { from: number; to?: number }[]
}
