// A cursor: where a page of a list ends. It is the key of the row in base64url, as in earlier versions, then `=` and the time at
// which the row was made. A replica of an earlier version reads it up to the `=`.

const cursorPattern = /^([\w-]+)(?:=(\d{1,16}))?$/

/** @param createdAt microseconds since 1970 */
export const formatCursor = (key: string, createdAt: number): string =>
  `${Buffer.from(key).toString('base64url')}=${createdAt}`

/** What a cursor names, without its time where an earlier version gave it out; undefined where it is no cursor of such keys. */
export function parseCursor(cursor: string, keyPattern: RegExp): { key: string; createdAt?: number } | undefined {
  const [, name = '', createdAt] = cursorPattern.exec(cursor) ?? []
  const key = Buffer.from(name, 'base64url').toString()
  if (!keyPattern.test(key)) return undefined
  return { key, ...(createdAt !== undefined && { createdAt: Number(createdAt) }) }
}
