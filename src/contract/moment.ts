// A date and time as a query parameter, compared with times as they are shown: in milliseconds.

/** Digits of the second after the third. */
const beyondMilliseconds = /\.\d{3}\d*[1-9]\d*[^\d]/

/**
 * The first millisecond that is not earlier; undefined where the text is no moment. A shown time has no more than milliseconds, so
 * it is at or after the text exactly where it is at or after this.
 */
function toMoment(text: string): Date | undefined {
  const milliseconds = Date.parse(text) + (beyondMilliseconds.test(text) ? 1 : 0)
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds)
}

/** The moment of a parameter, undefined where it is absent. Throws where the text is none, such as a leap second, which the schema lets pass. */
export function momentOf(text: string | undefined, Refusal: new () => Error): Date | undefined {
  if (text === undefined) return undefined
  const moment = toMoment(text)
  if (!moment) throw new Refusal()
  return moment
}
