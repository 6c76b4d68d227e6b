// A cursor says where a page of a list begins: after the row that was made at this moment and has this key. It needs no such
// row, and goes with whatever else is asked for. Clients hand it back unchanged.

export interface Position {
  /** When the row was made, in microseconds since 1970. */
  microseconds: number
  key: string
}

export function toCursor({ microseconds, key }: Position): string {
  return Buffer.from(`${microseconds} ${key}`).toString('base64url')
}

/** Undefined where the text is no cursor of rows with such a key. */
export function fromCursor(cursor: string, keyPattern: RegExp): Position | undefined {
  const [, microseconds, key = ''] = /^(\d{1,16}) (.*)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return microseconds && keyPattern.test(key) ? { microseconds: Number(microseconds), key } : undefined
}
