// How the values in PostgreSQL's answers are read. Every answer is text, and the text of some types is what a setting of the
// database or the role makes it: a time goes by DateStyle and TimeZone, a float by extra_float_digits, bytea by bytea_output. None
// of these is read here.

/** Types whose text no setting changes, by PostgreSQL's numbers for them. Each bigint or numeric is within 2^53 - 1. */
const readers: Record<number, (text: string) => unknown> = {
  /** bool */
  16: (text) => text === 't',
  /** int8, int4 and numeric */
  20: Number,
  23: Number,
  1700: Number,
  /** text, varchar and uuid */
  25: String,
  1043: String,
  2950: String,
  /** json: a moment, as `time` asks for it. */
  114: (text) => new Date(`${JSON.parse(text)}Z`),
  /** jsonb: what is kept as JSON. */
  3802: (text) => JSON.parse(text),
}

const refuse = (type: number) => () => {
  throw new Error(`PostgreSQL's type ${type} has no fixed form: ask for a moment by time(), for anything else as text`)
}

/** As pg takes it, for each of the repositories' statements. */
export const fixedForms = { getTypeParser: (type: number) => readers[type] ?? refuse(type) }
