// A whole HTTP answer that a proxy gives in LiveKit's place.

/** 200 with this as JSON; the connection is closed after it. */
export function jsonAnswer(value: object): string {
  const body = JSON.stringify(value)
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`
  return `${head}\r\nConnection: close\r\n\r\n${body}`
}
