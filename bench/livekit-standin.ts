// A stand-in for livekit-server's RoomService, for the bench `live` only, in a process of its own: tens of thousands of real
// callers fit on no machine here. It answers at once what a real one answers (livekit-answers.ts), in the language that it is
// asked in, JSON or protobuf; where a room is not there it lets wait as long as a real one. It believes every token. What it
// has, what happens there and where events go it is told under /standin/, by standin.ts.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { CreateRoomRequest, DeleteRoomRequest, ListParticipantsRequest, ListRoomsRequest } from '@livekit/protocol'
import { type Encoding, json, roomOf } from './livekit-answers.ts'
import type { Order } from './standin.ts'
import { createEvents } from './standin-events.ts'
import { createRooms, listed, participants } from './standin-rooms.ts'

const environment = process.env as Record<'PORT' | 'LIVEKIT_API_KEY' | 'LIVEKIT_API_SECRET', string>
const events = createEvents(environment.LIVEKIT_API_KEY, environment.LIVEKIT_API_SECRET)
const rooms = createRooms(events)
const requests: Record<string, number> = {}

/** LiveKit asks its nodes for a room that it does not know, and waits for an answer. */
const unknownMilliseconds = 3000
const roomsAtOnce = 1000

interface Answer {
  status?: number
  parts: Buffer[]
}

const error = (status: number, code: string, msg: string): Answer => {
  return { status, parts: [Buffer.from(JSON.stringify({ code, msg }))] }
}

const anyFields = { ignoreUnknownFields: true }

/** The methods that the service calls; each gets the request's bytes. */
const methods: Record<string, (encoding: Encoding, body: Buffer) => Answer | Promise<Answer>> = {
  CreateRoom(encoding, body) {
    const { name } = read(CreateRoomRequest, encoding, body)
    const room = roomOf(rooms.make(name))
    return { parts: [Buffer.from(encoding === 'json' ? json(room) : room.toBinary())] }
  },
  DeleteRoom(encoding, body) {
    const isThere = rooms.delete(read(DeleteRoomRequest, encoding, body).room)
    return isThere
      ? { parts: [Buffer.from(encoding === 'json' ? '{}' : '')] }
      : error(404, 'not_found', 'twirp error unknown: requested room does not exist')
  },
  async ListParticipants(encoding, body) {
    const room = rooms.get(read(ListParticipantsRequest, encoding, body).room)
    if (room) return { parts: [participants(encoding, room)] }
    await sleep(unknownMilliseconds)
    return error(503, 'unavailable', 'twirp error unknown: no response from servers')
  },
  async ListRooms(encoding, body) {
    const { names } = read(ListRoomsRequest, encoding, body)
    const found = names.length > 0 ? names.flatMap((name) => rooms.get(name) ?? []) : rooms.all()
    const [open, comma, close] = (encoding === 'json' ? ['{"rooms":[', ', ', ']}'] : ['', '', '']).map((text) =>
      Buffer.from(text),
    )
    const parts = [open as Buffer]
    for (let start = 0; start < found.length; start += roomsAtOnce) {
      // Those who ask for one room do not wait for those who ask for all: a real one has threads.
      if (start > 0) await turn()
      for (const room of found.slice(start, start + roomsAtOnce)) {
        if (parts.length > 1) parts.push(comma as Buffer)
        parts.push(listed(encoding, room))
      }
    }
    return { parts: [...parts, close as Buffer] }
  },
}

function read<Message>(
  type: { fromBinary(bytes: Uint8Array): Message; fromJsonString(text: string, options: object): Message },
  encoding: Encoding,
  body: Buffer,
): Message {
  return encoding === 'json' ? type.fromJsonString(body.toString(), anyFields) : type.fromBinary(body)
}

const orders: { [Name in keyof Order]: (order: Order[Name]) => unknown } = {
  have: (calls) => rooms.have(calls),
  talk: ({ milliseconds }) => rooms.talk(milliseconds),
  die: ({ oneIn, milliseconds }) => void rooms.letDie(oneIn, milliseconds),
  tell: ({ urls }) => events.tell(urls),
  counts: () => ({ ...requests, eventsLost: events.lost() }),
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  const [, kind, name = ''] = /^\/(standin|twirp\/livekit\.RoomService)\/(\w+)$/.exec(request.url ?? '') ?? []
  if (request.url === '/') return void response.end('OK')
  if (kind === 'standin') {
    const done = orders[name as keyof Order](JSON.parse(body.toString()))
    return void response.end(JSON.stringify(done ?? {}))
  }
  requests[name] = (requests[name] ?? 0) + 1
  const encoding = request.headers['content-type'] === 'application/json' ? 'json' : 'protobuf'
  const { status = 200, parts } = (await methods[name]?.(encoding, body)) ?? error(404, 'bad_route', `no ${name}`)
  const bytes = parts.reduce((sum, part) => sum + part.length, 0)
  const type = status === 200 && encoding === 'protobuf' ? 'application/protobuf' : 'application/json'
  response.writeHead(status, { 'content-type': type, 'content-length': bytes, vary: 'Origin' })
  for (let start = 0; start < parts.length; start += 2 * roomsAtOnce)
    if (!response.write(Buffer.concat(parts.slice(start, start + 2 * roomsAtOnce)))) await once(response, 'drain')
  response.end()
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy())
})
// Connections are kept, as LiveKit keeps them.
server.keepAliveTimeout = 0
server.listen(Number(environment.PORT), '127.0.0.1')
