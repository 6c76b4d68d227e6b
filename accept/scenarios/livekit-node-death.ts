// node-death: one of two livekit-servers that share a Redis is killed during calls. Calls that are lost with it are settled
// within 120 s for no more than was talked. Calls on the other node go on, and so do those whose two sides reconnect there
// in time, which is up to LiveKit and its clients; where one side does not, the call is settled like the lost ones.
import { sql } from 'kysely'
import { startWorker } from '../../demo/worker.ts'
import { until } from '../../test/until.ts'
import { type Call, type Joinable, seconds, show, startTalk, togetherSince, untilEnded } from '../calls.ts'
import { checkBooks, must } from '../check.ts'
import type { Tally } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { createCustomer, type Replica } from '../stack.ts'
import { keepWarm } from '../workers.ts'
import { type Cluster, startCluster } from './livekit-node-death/cluster.ts'

const settledWithin = 120_000
/** Which of them depends on who was on the other node when the service looked. */
const lostReasons = ['caller_left', 'agent_left', 'room_missing']
const rate = 10
/** The worker that is registered with the node that will be killed. */
const agentName = 'agent-on-second'

/** Replicas by whom they send to the node that will be killed: the caller, the agent, both or neither. */
async function startReplicas({ stack }: Cluster, livekitUrl: string): Promise<Record<string, Replica>> {
  const start = (changes: object) => stack.startReplica({ LIVEKIT_API_URL: stack.livekit.url, ...changes })
  return {
    neither: stack.replicas[0] as Replica,
    caller: await start({ LIVEKIT_URL: livekitUrl }),
    agent: await start({ LIVEKIT_AGENT_NAME: agentName }),
    both: await start({ LIVEKIT_URL: livekitUrl, LIVEKIT_AGENT_NAME: agentName }),
  }
}

/** One death, with a call of each sort: more calls at once are more sound than two cores can carry. */
async function killNode() {
  const cluster = await startCluster({ replicas: 2, worker: true })
  const { stack, second } = cluster
  const { url: livekitUrl, apiKey, apiSecret } = second
  const logFile = `${stack.directory}/worker-second.log`
  const worker = await startWorker({ livekitUrl, apiKey, apiSecret, agentName, logFile })
  const replicas = await startReplicas(cluster, livekitUrl)
  const customer = await createCustomer(stack.db, { rate })
  const tally: Tally = {}

  /** A call in a room on one of the nodes; `lost` says who is connected through the node that will be killed. */
  async function startCall(isOnSecond: boolean, lost: string): Promise<Call> {
    const service = { ...stack, replicas: [replicas[lost] as Replica] }
    const isWanted = async ({ roomName }: Joinable) => (await cluster.isOnSecond(roomName)) === isOnSecond
    return startTalk(service, customer, tally, isWanted)
  }

  const kept = await startCall(false, 'neither')
  const healed = await startCall(true, 'neither')
  const lost = {
    caller_left: await startCall(true, 'caller'),
    agent_left: await startCall(true, 'agent'),
    room_missing: await startCall(true, 'both'),
  }
  // The worst moment is just after the reaper has looked: it looks again only after a minute.
  await until(
    async () => {
      const { rows } = await sql`
      SELECT 1 FROM voice_sessions
      WHERE room_name = ${lost.room_missing.roomName} AND wake_at > now() + interval '50 s'`.execute(stack.db)
      return rows.length === 1
    },
    90_000,
    'the reaper does not look',
  )
  const since = new Map<Call, number>()
  for (const call of [kept, healed, ...Object.values(lost)]) since.set(call, await togetherSince(stack, call))
  second.kill('SIGKILL')
  const killedAt = performance.now()
  const diedAt = Date.now()
  const talkedUntil = (time: number, call: Call) => (time - (since.get(call) as number)) / 1000

  async function judge(call: Call, reason: string): Promise<number> {
    const { end_reason, seconds_billed = 0 } = await untilEnded(stack, call, settledWithin + 30_000)
    const settledAfter = performance.now() - killedAt
    const talked = talkedUntil(diedAt, call)
    must(lostReasons.includes(end_reason ?? ''), `a call that was lost (${reason}) ended as ${end_reason}`)
    must(settledAfter <= settledWithin, `${reason}: settled ${seconds(settledAfter)} s after the node's death`)
    must(seconds_billed <= Math.ceil(talked) + 1, `${reason}: ${seconds_billed} s billed, ${talked} s talked`)
    return seconds(settledAfter)
  }
  const settled = Object.entries(lost).map(async ([reason, call]) => [reason, await judge(call, reason)])
  const settled_after_s = Object.fromEntries(await Promise.all(settled))

  let isHealed = true
  for (const call of [kept, healed]) {
    const { status, ended_at = '', seconds_billed: billed = 0 } = await show(stack, call)
    if (status === 'ended' && call === healed) {
      isHealed = false
      const endedAt = Date.parse(ended_at)
      must(endedAt - diedAt <= settledWithin, `not healed: ended ${seconds(endedAt - diedAt)} s after the node's death`)
      const talked = talkedUntil(endedAt, call)
      must(billed <= Math.ceil(talked) + 1, `not healed: ${billed} s billed, ${talked} s talked`)
      continue
    }
    must(status === 'active', 'a call on the other node was ended')
    const participants = await stack.rooms.listParticipants(call.roomName)
    must(
      participants.some(({ identity }) => identity === customer.userId),
      'a caller is not in the room any more',
    )
    must(participants.length > 1, 'an agent is not in the room any more')
    const leftAt = Date.now()
    await call.caller.leave()
    const { end_reason, seconds_billed = 0 } = await untilEnded(stack, call, 60_000)
    const talked = talkedUntil(leftAt, call)
    must(end_reason === 'caller_left', `a call that went on ended as ${end_reason}`)
    must(seconds_billed <= Math.ceil(talked) + 1, `${seconds_billed} s billed, ${talked} s talked`)
    if (call === kept) must(seconds_billed >= talked - 3, `only ${seconds_billed} s of ${talked} s billed`)
  }
  await checkBooks(stack, tally)
  await worker.stop()
  await stack.stop()
  return { healed: isHealed, settled_after_s, tally }
}

export const nodeDeath: Scenario = async ({ short }) => {
  keepWarm(3)
  const deaths = []
  for (let death = 0; death < (short ? 1 : 2); death++) deaths.push(await killNode())
  return { deaths }
}
