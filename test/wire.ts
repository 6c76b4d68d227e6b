// HTTP by the byte: what is sent is exactly what the test wrote, what is read is exactly what the service answered.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Test } from 'tap'

export interface WireAnswer {
  status: number
  /** Lower-case names. */
  headers: Record<string, string>
  body: string
  /** The exact bytes, from the status line to the end of the body. */
  raw: string
}

export interface Wire {
  send(bytes: string): void
  /** The next whole answer on this connection; rejects where the connection ends before it. */
  answer(): Promise<WireAnswer>
  /** Resolves when the service has closed the connection, with the bytes that no `answer` has taken. */
  closed(): Promise<string>
  /** Says that nothing more will be sent. */
  end(): void
  /** Ends the connection the rude way. */
  reset(): void
}

/** The first answer in the text, if it is whole. An answer without Content-Length has no body here. */
function parseAnswer(text: string): WireAnswer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const length = end + 4 + Number(headers['content-length'] ?? 0)
  if (text.length < length) return undefined
  const raw = text.slice(0, length)
  return { status: Number(statusLine.split(' ')[1]), headers, body: raw.slice(end + 4), raw }
}

/** A connection to the service. */
export async function openWire(t: Test, port: number): Promise<Wire> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  t.teardown(() => socket.destroy())
  let unread = ''
  let over = false
  socket.on('data', (text) => {
    unread += text
    socket.emit('change')
  })
  for (const event of ['end', 'error', 'close'])
    socket.on(event, () => {
      over = true
      socket.emit('change')
    })
  await once(socket, 'connect')

  return {
    send: (bytes) => void socket.write(bytes, 'latin1'),
    async answer() {
      for (;;) {
        const answer = parseAnswer(unread)
        if (answer) {
          unread = unread.slice(answer.raw.length)
          return answer
        }
        if (over) throw new Error(`the connection ended after ${JSON.stringify(unread)}`)
        await once(socket, 'change')
      }
    },
    async closed() {
      while (!over) await once(socket, 'change')
      return unread
    },
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
  }
}

/** The answer to these bytes on a connection of their own. */
export async function exchange(t: Test, port: number, bytes: string): Promise<WireAnswer> {
  const wire = await openWire(t, port)
  wire.send(bytes)
  return wire.answer()
}

/** The head of a request, with a Host header. */
export function head(method: string, path: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}
