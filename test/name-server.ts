// A name server. It says of each name what it is told, the last for ever; `silent` instead of what it does not know.
import { createSocket } from 'node:dgram'
import dns from 'node:dns'
import { once } from 'node:events'
import ipaddr from 'ipaddr.js'
import type { Test } from 'tap'

const [typeA, typeAaaa] = [1, 28]

function readName(message: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 }
}

function record(address: string, type: number): Buffer {
  const bytes = Buffer.from(ipaddr.parse(address).toByteArray())
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(bytes.length, 10)
  return Buffer.concat([head, bytes])
}

/** It listens on this port of 127.0.0.1; `asked` are the questions that came, such as `A app.test`. */
export async function openNameServer(names: Record<string, string[][]>) {
  const asked: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    const { name, end } = readName(message)
    const type = message.readUInt16BE(end - 4)
    const question = `${type === typeA ? 'A' : 'AAAA'} ${name}`
    const times = asked.filter((each) => each === question).length
    asked.push(question)
    const known = names[name]
    const all = known?.[Math.min(times, known.length - 1)] ?? []
    const records = all
      .filter((each) => each !== 'silent')
      .filter((each) => (each.includes(':') ? typeAaaa : typeA) === type)
      .map((each) => record(each, type))
    if (records.length === 0 && all.includes('silent')) return
    const head = Buffer.from(message.subarray(0, 12))
    head.writeUInt16BE(known ? 0x8180 : 0x8183, 2)
    head.writeUInt16BE(records.length, 6)
    head.fill(0, 8, 12)
    socket.send(Buffer.concat([head, message.subarray(12, end), ...records]), from.port, from.address)
  })
  await once(socket.bind(0, '127.0.0.1'), 'listening')
  return { asked, port: socket.address().port, close: () => socket.close() }
}

/** The questions that come. */
export async function startNameServer(t: Test, names: Record<string, string[][]>): Promise<string[]> {
  const { asked, port, close } = await openNameServer(names)
  const before = dns.getServers()
  dns.promises.setServers([`127.0.0.1:${port}`])
  t.teardown(() => {
    dns.promises.setServers(before)
    close()
  })
  return asked
}
