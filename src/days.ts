// Days in UTC, and the spans of them that usage is counted over.

const dayPattern = /^\d{4}-\d{2}-\d{2}$/
export const millisecondsOfDay = 86_400_000
/** A year, also a leap year. */
export const longestSpanDays = 366

/** The beginning of the day, written such as 2024-01-15; undefined where there is no such day. */
export function toDay(text: string): Date | undefined {
  const day = new Date(dayPattern.test(text) ? `${text}T00:00:00Z` : Number.NaN)
  // JavaScript would take the 30th of February for the 1st of March.
  return day.getUTCDate() === Number(text.slice(-2)) ? day : undefined
}

/** Whether usage can be asked for from the one day to the day before the other. */
export function isSpan(from: Date, to: Date): boolean {
  const days = (to.getTime() - from.getTime()) / millisecondsOfDay
  return days > 0 && days <= longestSpanDays
}
