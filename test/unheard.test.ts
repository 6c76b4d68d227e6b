// Callers of whom LiveKit's events tell nothing, because they are too large or were dropped: they pay all the same. LiveKit sends its
// events to the service here.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { rtc } from '../demo/rtc.ts'
import { until } from './helper.ts'
import { publishMicrophone, withLivekit } from './own-livekit.ts'

t.teardown(() => rtc.dispose())

/** Judges the bill when the call is over. */
async function mustBill(t: Test, { session, told }: Awaited<ReturnType<typeof withLivekit>>, talked: number) {
  await until(async () => (await session()).status === 'ended', 60_000)
  for (const line of told) t.comment(line)
  const { seconds_billed, credits_charged } = await session()
  t.ok(
    seconds_billed > talked - 4,
    `of ${talked} s of talk ${seconds_billed} are billed, for ${credits_charged} credits`,
  )
}

// With `publish=…` in the URL LiveKit adds to the caller's identity what PostgreSQL would refuse. Were such an event answered 500,
// LiveKit would repeat it for 15 s, and drop what waits longer than 30 s behind it: that the caller came.
t.test('whoever talks for 50 s pays for 50 s, whatever they did before', async (t) => {
  const attack = await withLivekit(t)
  const first = await attack.enter('publish=%00')
  for (let tracks = 0; tracks < 7; tracks++) {
    await publishMicrophone(first)
    await sleep(700)
  }
  await first.disconnect()

  const caller = await attack.enter()
  const sid = await publishMicrophone(caller)
  const since = performance.now()
  await sleep(50_000)
  await caller.localParticipant?.unpublishTrack(sid)
  await publishMicrophone(caller)
  await sleep(200)
  const talked = Math.round((performance.now() - since) / 1000)
  await caller.disconnect()
  await mustBill(t, attack, talked)
})

// What a client says of itself is part of each of LiveKit's events about it. One that says so much that they are larger than the
// service reads comes and goes unheard, but for its track. It must only be gone at the next look, or have become another.
t.test('whoever talks between two looks with a client that says much of itself pays for it', async (t) => {
  const attack = await withLivekit(t)
  const since = performance.now()
  const large = await attack.enter(`capabilities=${Array(15_000).fill('CAP_PACKET_TRAILER').join(',')}`)
  await publishMicrophone(large)
  const talkSince = performance.now()
  await sleep(10_000 - (performance.now() - since))
  const small = await attack.enter()
  await publishMicrophone(small)
  // The first look comes 12 to 20 s after the activation.
  await sleep(14_000)
  const talked = Math.round((performance.now() - talkSince) / 1000)
  await small.disconnect()
  await large.disconnect()
  await mustBill(t, attack, talked)
})
