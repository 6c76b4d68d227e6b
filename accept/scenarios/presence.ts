// presence: who talks pays, and nobody else. Real clients that connect by half, late, again and again, or not at all, agents that
// hang up, clocks that differ, events of LiveKit's that do not come: each call is billed as docs/design.md defines presence.
import { checkBooks, must } from '../check.ts'
import { startProxied } from '../proxied.ts'
import type { Scenario } from '../scenario.ts'
import { toldTooLate } from './presence/after-the-end.ts'
import { billingStopped } from './presence/billing-stopped.ts'
import { openBrowser } from './presence/browser.ts'
import { callsByOtherClocks } from './presence/clocks.ts'
import { dearMinutes } from './presence/dear-minutes.ts'
import { deletedByAgent } from './presence/deleted-by-agent.ts'
import { halfConnected, halfConnectedAndSilent, lateMedia } from './presence/half-connected.ts'
import { largeTrack } from './presence/large-tracks.ts'
import { replayedLate } from './presence/late-replay.ts'
import { lostConnections } from './presence/lost-connections.ts'
import { shiftedClock } from './presence/shifted-clock.ts'
import { steppingOut } from './presence/stepping-out.ts'
import { strangersTalk } from './presence/strangers.ts'
import { endedUntold, leftUntold } from './presence/without-livekit-events.ts'
import { startWorld, stopWorld, type World } from './presence/world.ts'

type Figures = Record<string, unknown>

/** All end before the failures are told, each with its name. */
async function all(parts: Record<string, Promise<unknown>>): Promise<Figures> {
  const names = Object.keys(parts)
  const outcomes = await Promise.allSettled(Object.values(parts))
  const missed = outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [`${names[index]}: ${outcome.reason.message}`] : [],
  )
  must(missed.length === 0, missed.join('; '))
  return Object.fromEntries(outcomes.map((outcome, index) => [names[index], 'value' in outcome && outcome.value]))
}

async function finish(world: World, figures: Figures): Promise<Figures> {
  await checkBooks(world.stack, world.tally)
  await stopWorld(world)
  return figures
}

async function inOneStack(short: boolean): Promise<Figures> {
  const world = await startWorld()
  const browser = await openBrowser()
  const quick = {
    half_connected: halfConnected(world, browser, 12),
    deleted_by_agent: deletedByAgent(world),
    told_too_late: toldTooLate(world),
    strangers: strangersTalk(world),
    replayed_late: replayedLate(world),
    dear_minutes: dearMinutes(world),
  }
  const slow = () => ({
    half_connected_again: halfConnected(world, browser, 75),
    half_connected_and_silent: halfConnectedAndSilent(world, browser),
    late_media: lateMedia(world, browser, 42, 24),
    lost_connections: lostConnections(world, 6),
    stepping_out: steppingOut(world),
    large_track: largeTrack(world, 300_000),
    larger_track: largeTrack(world, 8_000_000),
  })
  const figures = await all(short ? quick : { ...quick, ...slow() })
  await browser.close()
  return finish(world, figures)
}

async function whileLivekitIsDown(short: boolean): Promise<Figures> {
  const world = await startWorld({ replicas: 0 })
  const proxied = await startProxied(world.stack)
  world.stack.relay.targets = [proxied.replica.url]
  const seconds = short ? { diesAfter: 3, endsAfter: 10, staysFor: 5 } : { diesAfter: 8, endsAfter: 20, staysFor: 50 }
  return finish(world, await all({ billing_stopped: billingStopped(world, proxied, seconds) }))
}

async function withoutLiveKitEvents(short: boolean): Promise<Figures> {
  const world = await startWorld()
  world.stack.relay.deliveries = () => []
  const ended_untold = endedUntold(world, 10)
  return finish(world, await all(short ? { ended_untold } : { ended_untold, left_untold: leftUntold(world, 70) }))
}

async function byOtherClocks(short: boolean): Promise<Figures> {
  const clock = shiftedClock()
  const world = await startWorld({ postgresEnvironment: clock.environment })
  const calls = callsByOtherClocks(world, clock, short ? [40] : [-95, -40, 40, 95], short ? 8 : 20)
  const figures = await all({ other_clocks: calls })
  clock.remove()
  return finish(world, figures)
}

/** One after the other. */
async function inTurn(short: boolean, ...groups: ((short: boolean) => Promise<Figures>)[]): Promise<Figures> {
  const parts: Record<string, Promise<Figures>> = {}
  for (const group of groups) {
    const figures = group(short)
    parts[group.name] = figures
    await figures.catch(() => {})
  }
  return Object.assign({}, ...Object.values(await all(parts)))
}

export const presence: Scenario = async ({ short }) => {
  const first = inTurn(short, inOneStack, whileLivekitIsDown)
  const second = inTurn(short, byOtherClocks, withoutLiveKitEvents)
  return all({ first, second })
}
