// Figures of many requests, and of many rounds.

/** Milliseconds within which this share of the requests had their answers. */
export interface Times {
  p50: number
  p95: number
  p99: number
}

export function timesOf(milliseconds: number[]): Times {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const quantile = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }
}

export const median = (values: number[]): number => timesOf(values).p50

/** Plays one round more than is counted: the first warms up. */
export async function playRounds<Round>(count: number, play: () => Promise<Round>): Promise<Round[]> {
  const rounds: Round[] = []
  await play()
  while (rounds.length < count) rounds.push(await play())
  return rounds
}

/** The median of each figure over the rounds. */
export function medians<Name extends string>(rounds: Record<Name, number>[]): Record<Name, number> {
  const names = Object.keys(rounds[0] ?? {}) as Name[]
  const entries = names.map((name) => [name, median(rounds.map((round) => round[name]))])
  return Object.fromEntries(entries)
}
