// One connection through a proxy, and what becomes of what is sent on it.
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What becomes of a request and of its answer. */
export type Fault =
  /** The request reaches the part, and the answer comes back. */
  | 'pass'
  /** Nobody listens any more, and open connections are reset. */
  | 'refuse'
  /** The request does not reach the part: the connection is reset, or closed, or stays open and silent for good. */
  | ('reset' | 'close' | 'hang')
  /** The request reaches the part; of the answer nothing comes but a reset, or the first half and the end, or nothing. */
  | ('reset answer' | 'cut answer' | 'lose answer')
  /** The request reaches the part so much later, even where the client has gone meanwhile. */
  | { delayMilliseconds: number }
  /** This is answered in the part's place, at once or so much later, and the connection is closed. */
  | { answer: string | ((request: string) => string); delayMilliseconds?: number }
  /** This is done before the request reaches the part, or before the answer comes back; then all goes on, or the connection is reset. */
  | { before: () => unknown; next?: 'reset' }
  | { after: () => unknown; next?: 'reset' }

export interface FaultSource {
  /** The fault that is meant for this one request. */
  own(request: string): Fault | undefined
  /** The fault that all others meet just now. */
  common(): Fault
}

const delayOf = (fault: Fault) =>
  typeof fault === 'object' && 'delayMilliseconds' in fault ? sleep(fault.delayMilliseconds) : undefined

/** Joins a client to the part, with faults in between. */
export function join(client: Socket, part: Socket, { own, common }: FaultSource): void {
  let isSilent = false
  let atAnswer: Fault | undefined
  let earlier: Promise<unknown> = Promise.resolve()
  /** Whatever is sent arrives in the order in which it was sent. */
  const inOrder = (task: () => unknown) => {
    earlier = earlier.then(task)
  }

  function send(data: Buffer, fault: Fault): void {
    if (isSilent || fault === 'hang') isSilent = true
    else if (fault === 'reset' || fault === 'refuse') client.resetAndDestroy()
    else if (fault === 'close') client.end()
    else if (typeof fault === 'object' && 'answer' in fault)
      client.end(typeof fault.answer === 'string' ? fault.answer : fault.answer(String(data)))
    else part.write(data)
  }

  function sendBack(data: Buffer, fault: Fault): void {
    if (isSilent || fault === 'hang' || fault === 'lose answer') isSilent = true
    else if (fault === 'reset' || fault === 'reset answer') client.resetAndDestroy()
    else if (fault === 'cut answer') client.end(data.subarray(0, data.length / 2))
    else client.write(data)
  }

  client.on('data', (data) => {
    const mine = own(data.toString('latin1'))
    const fault = mine ?? common()
    const delay = delayOf(fault)
    inOrder(async () => {
      await delay
      if (typeof fault !== 'object' || !('before' in fault)) {
        atAnswer = mine
        return send(data, fault)
      }
      await fault.before()
      const rest = fault.next ?? (mine ? common() : 'pass')
      await delayOf(rest)
      send(data, rest)
    })
  })
  part.on('data', (data) =>
    inOrder(async () => {
      const fault = atAnswer ?? common()
      atAnswer = undefined
      if (typeof fault !== 'object' || !('after' in fault)) return sendBack(data, fault)
      await fault.after()
      sendBack(data, fault.next ?? common())
    }),
  )
  client.on('error', () => {}).on('close', () => inOrder(() => part.end()))
  part
    .on('error', () => {})
    .on('end', () => inOrder(() => isSilent || client.end()))
    .on('close', () => inOrder(() => isSilent || client.destroy()))
}
