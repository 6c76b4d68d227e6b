// A second livekit-server beside the stack's. Both are one cluster, because they share a Redis.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findLivekitServer } from '../../../demo/livekit-binary.ts'
import { type RunningLivekit, startLivekitServer } from '../../../demo/livekit-server.ts'
import { freeTcpPort } from '../../../demo/ports.ts'
import { startProcess } from '../../../demo/processes.ts'
import { becomesReady } from '../../../demo/readiness.ts'
import { must } from '../../check.ts'
import { type Stack, type StackOptions, startStack } from '../../stack.ts'

export interface Cluster {
  stack: Stack
  /** Knows the same rooms as the stack's; nobody connects to it, but rooms live on it. */
  second: RunningLivekit
  /** Whether a room lives on the second node. */
  isOnSecond(roomName: string): Promise<boolean>
}

/** One command to Redis; its answer as Redis writes it. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.write(`${command}\r\n`)
    const [answer] = await once(socket, 'data')
    return String(answer)
  } finally {
    socket.destroy()
  }
}

async function startRedis(): Promise<number> {
  const port = await freeTcpPort()
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', '/']
  const redis = await startProcess({ name: 'redis', command: 'redis-server', args, logFile: '/dev/null' }).catch(() => {
    throw new Error('there is no redis-server on PATH: install it, such as by `apt-get install redis-server`')
  })
  const isReady = async () => (await ask(port, 'PING')).startsWith('+PONG')
  must(await becomesReady(redis, isReady, 10_000), 'redis-server does not start')
  return port
}

/** The name by which the cluster knows a node. */
function nodeIdOf({ logFile }: RunningLivekit): string {
  const nodeId = /"nodeID": ?"(\w+)"/.exec(readFileSync(logFile, 'utf8'))?.[1]
  must(nodeId !== undefined, `a livekit-server does not say its name in ${logFile}`)
  return nodeId
}

export async function startCluster(options: StackOptions): Promise<Cluster> {
  const redisPort = await startRedis()
  const program = await findLivekitServer(() => {})
  must(program.found !== 'in Docker', 'a livekit-server in Docker cannot be killed: install one')
  const redis = `127.0.0.1:${redisPort}`
  const stack = await startStack({ ...options, redis })
  const second = await startLivekitServer({
    program,
    directory: join(stack.directory, 'livekit-second'),
    logFile: join(stack.directory, 'livekit-second.log'),
    eventsUrl: stack.relay.url,
    apiSecret: stack.livekit.apiSecret,
    redis,
  })
  const nodeId = nodeIdOf(second)
  return {
    stack,
    second,
    async isOnSecond(roomName) {
      return (await ask(redisPort, `HGET room_node_map ${roomName}`)).includes(nodeId)
    },
  }
}
