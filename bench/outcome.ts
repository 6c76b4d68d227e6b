// What a bench ends with: a table for people, and its targets with what was reached.

export type Row = Record<string, string | number>

export interface Target {
  /** What is compared, in words. */
  what: string
  reached: number
  /** The least or the most that is good. */
  least?: number
  most?: number
}

export interface Outcome {
  rows: Row[]
  targets: Target[]
}

export const isMet = ({ reached, least = reached, most = reached }: Target): boolean =>
  reached >= least && reached <= most

/** Three digits are more than a run repeats. */
export const rounded = (value: number): number => Number(value.toPrecision(3))

export const roundedRow = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? rounded(value) : value]),
  )
