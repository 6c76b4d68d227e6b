// A client that connects only one of its two peer connections: LiveKit calls it JOINED for as long as it stays, and removes it
// after 60 s, but its sound passes. It is present from its first track. One that sends nothing is not, and is not kept waiting.

import { ParticipantInfo_State } from 'livekit-server-sdk'
import type { Browser } from 'playwright-core'
import { untilEnded } from '../../calls.ts'
import { must } from '../../check.ts'
import { connect } from './browser.ts'
import type { ClientStatus } from './page/status.ts'
import { mustBill, secondsAfter, secondsSince, sessionWithAgent, type World } from './world.ts'

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)

/** Seconds in which sound passed. */
const heardIn = ({ sound }: ClientStatus) => sum(sound.map(({ from, to = Date.now() }) => (to - from) / 1000))

/** It sends sound for so many seconds; with more than 60 LiveKit removes it, and it comes again. */
export async function halfConnected(world: World, browser: Browser, seconds: number) {
  const session = await sessionWithAgent(world)
  const client = await connect(browser, session, { publishesAfter: 3000 })
  const since = await client.untilSending()
  await secondsAfter(since, seconds)
  const participants = await world.stack.rooms.listParticipants(session.roomName)
  const caller = participants.find(({ identity }) => identity === session.customer.userId)
  must(caller?.state === ParticipantInfo_State.JOINED, `the caller is in state ${caller?.state}`)
  const status = await client.status()
  const talked = heardIn(status)
  await client.leave()
  const heard = world.agents.byRoom.get(session.roomName)?.heard ?? 0
  // On a busy machine sound breaks off.
  must(heard > 1, `the agent heard ${heard} s of ${talked} s`)
  const { seconds_billed } = await mustBill(world, session, {
    talked,
    end_reason: 'caller_left',
    less: 2 * status.joins,
    more: 2 * status.joins,
  })
  return { joins: status.joins, talked_s: Math.round(talked), billed_s: seconds_billed, heard_s: Math.round(heard) }
}

/** It sends nothing, and comes again whenever LiveKit removes it: the room is ended nevertheless. */
export async function halfConnectedAndSilent(world: World, browser: Browser) {
  const session = await sessionWithAgent(world)
  const client = await connect(browser, session, {})
  const since = Date.now()
  const shown = await untilEnded(world.stack, session, 120_000)
  const waited = secondsSince(since)
  const { joins } = await client.status()
  must(joins > 1, 'the caller did not come again')
  must(shown.end_reason === 'caller_never_joined', `it ended as ${shown.end_reason}`)
  must(shown.credits_charged === 0, `${shown.credits_charged} are charged`)
  must(waited >= 70 && waited <= 105, `it was ended after ${waited} s`)
  return { joins, ended_after_s: Math.round(waited) }
}

/** The signal at once, media only after so many seconds: the call begins with the media. */
export async function lateMedia(world: World, browser: Browser, lateSeconds: number, seconds: number) {
  const session = await sessionWithAgent(world)
  const milliseconds = lateSeconds * 1000
  const client = await connect(browser, session, { answersAfter: milliseconds, publishesAfter: milliseconds })
  const since = await client.untilSending()
  await secondsAfter(since, seconds)
  const talked = heardIn(await client.status())
  await client.leave()
  const { seconds_billed } = await mustBill(world, session, { talked, end_reason: 'caller_left', less: 2, more: 2 })
  return { late_s: lateSeconds, talked_s: Math.round(talked), billed_s: seconds_billed }
}
