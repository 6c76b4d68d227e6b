// Into a room by LiveKit's client for Node. One at a time: its native part gives a connection up that a busy process does not take
// in time, and ends the process once that is collected.
import type { Room } from '@livekit/rtc-node'

let entering: Promise<unknown> = Promise.resolve()

export function enter(room: Room, url: string, token: string, autoSubscribe: boolean): Promise<Room> {
  const entered = entering.then(() => room.connect(url, token, { autoSubscribe, dynacast: false })).then(() => room)
  entering = entered.catch(() => {})
  return entered
}
