// Tables for spreadsheets: CSV as RFC 4180 has it, in UTF-8, with a header line.

/** Printed as it stands, where any other result is printed as JSON. */
export class Csv {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A spreadsheet takes a text that begins so for a formula, which could send away what else is in the table. */
const beginsFormula = /^[=+\-@\t\r]/

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string') return beginsFormula.test(value) ? `'${value}` : value
  return JSON.stringify(value)
}

const field = (value: unknown): string => {
  const text = textOf(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The rows with these columns, in this order. What is null or absent is an empty field; an object is JSON. */
export function csv<Row extends object>(columns: readonly (keyof Row & string)[], rows: readonly Row[]): Csv {
  const lines = [columns.map(field), ...rows.map((row) => columns.map((column) => field(row[column])))]
  return new Csv(lines.map((line) => `${line.join(',')}\r\n`).join(''))
}
