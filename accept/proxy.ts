// A TCP proxy in front of PostgreSQL, livekit-server or a replica: through it comes trouble that lasts until it is healed,
// and traps that spring when a client says one certain thing.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createReader } from './said.ts'

/**
 * latency: whatever is said arrives 5 s later, even if nobody waits for the answer any more. refuse: nobody listens, and
 * open connections are reset. reset: so are new ones, once they say something. cut: the connection ends in the middle of
 * the answer. black hole: nothing arrives; a connection that lost something this way stays dead for good.
 */
export const troubles = ['latency', 'refuse', 'reset', 'cut', 'black hole'] as const
export type Trouble = (typeof troubles)[number]

export interface Trap {
  /** What the client says. */
  pattern: RegExp
  /** Whether it springs as the client asks, before that goes on, or as the real part answers, before that comes back. */
  at: 'question' | 'answer'
  /** What becomes of it: it passes (and meets the trouble there is), is lost in silence, or the connection is reset. */
  spring: () => 'passes' | 'is lost' | 'is reset'
}

export interface FaultProxy {
  port: number
  /** How often a client said something that matches. */
  count(pattern: RegExp): number
  /** Sets a trap that springs once; whether it has. */
  set(trap: Trap): () => boolean
  afflict(trouble: Trouble): void
  heal(): Promise<void>
}

const latencyMilliseconds = 5000

export async function startProxy(target: number): Promise<FaultProxy> {
  const said: string[] = []
  const traps: Trap[] = []
  const clients = new Set<Socket>()
  let trouble: Trouble | undefined

  /** The trap that this springs or, at the answer, will spring. */
  function take(text: string): Trap | undefined {
    const index = traps.findIndex(({ pattern }) => pattern.test(text))
    return index < 0 ? undefined : traps.splice(index, 1)[0]
  }

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const read = createReader()
    let isDead = false
    let delayed = 0
    let answerTrap: Trap | undefined
    clients.add(client)

    client.on('data', (data) => {
      if (isDead) return
      const text = read(data)
      said.push(text)
      const trap = take(text)
      if (trap?.at === 'answer') answerTrap = trap
      const fate = trap?.at === 'question' ? trap.spring() : 'passes'
      if (fate === 'is lost' || trouble === 'black hole') isDead = true
      else if (fate === 'is reset' || trouble === 'reset' || trouble === 'refuse') client.resetAndDestroy()
      else if (trouble === 'latency' || delayed > 0) {
        delayed++
        setTimeout(() => {
          delayed--
          upstream.write(data)
          if (client.destroyed && delayed === 0) upstream.end()
        }, latencyMilliseconds)
      } else upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (isDead) return
      const fate = answerTrap?.spring() ?? 'passes'
      answerTrap = undefined
      if (fate === 'is lost' || trouble === 'black hole') isDead = true
      else if (fate === 'is reset') client.resetAndDestroy()
      else if (trouble === 'cut') client.end(data.subarray(0, data.length / 2))
      else client.write(data)
    })
    client
      .on('error', () => {})
      .on('close', () => {
        clients.delete(client)
        if (delayed === 0) upstream.destroy()
      })
    upstream
      .on('error', () => {})
      .on('close', () => {
        if (!isDead) client.destroy()
      })
  })

  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  // The process that runs a scenario ends by process.exit; nothing has to close this.
  server.unref()

  return {
    port,
    count: (pattern) => said.filter((text) => pattern.test(text)).length,
    set(trap) {
      let hasSprung = false
      const spring = () => {
        hasSprung = true
        return trap.spring()
      }
      traps.push({ ...trap, spring })
      return () => hasSprung
    },
    afflict(next) {
      trouble = next
      if (next === 'refuse') server.close()
      if (next !== 'refuse' && next !== 'reset') return
      for (const client of clients) client.resetAndDestroy()
    },
    async heal() {
      trouble = undefined
      if (!server.listening) await listen(port)
    },
  }
}
