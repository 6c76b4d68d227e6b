// What a bench ends with: a table for people, and its targets with what was reached.

export interface Target {
  /** What is compared, in words. */
  what: string
  reached: number
  /** The least or the most that is good. */
  least?: number
  most?: number
}

export interface Outcome {
  /** One line of the table each. */
  rows: Record<string, string | number>[]
  targets: Target[]
}

export const isMet = ({
  reached,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
}: Target): boolean => reached >= least && reached <= most

/** Three digits are more than a run repeats. */
export const rounded = (value: number): number => Number(value.toPrecision(3))
