// The page: its buttons, and what a click on each does.
import { type Agent, getAgents, getCredits } from './backend.ts'
import type { Call } from './call.ts'
import * as view from './call-view.ts'
import { converse, type Talk } from './conversation.ts'
import * as idle from './idle-view.ts'
import * as outcome from './outcome-view.ts'
import { explain, type Problem, problemOf } from './problem.ts'
import { reasonOf, settle, settledLater } from './receipt.ts'
import { find } from './view.ts'

const LEVEL_INTERVAL_MS = 50
const CREDITS_INTERVAL_MS = 15_000

let agents: Agent[] = []
let call: Call | undefined
let hangUp = new AbortController()
let isMuted = false

async function start(): Promise<void> {
  const index = agents.findIndex(({ agent_id }) => agent_id === idle.chosenAgentId())
  const agent = agents[index] as Agent
  hangUp = new AbortController()
  const { signal } = hangUp
  let talkingSince: number | undefined
  isMuted = false
  view.showCall(agent.name, index)
  const ticker = setInterval(() => {
    if (call) view.showLevels(isMuted ? { ...call.levels(), caller: 0 } : call.levels())
    if (talkingSince && !signal.aborted) view.showTime((performance.now() - talkingSince) / 1000)
  }, LEVEL_INTERVAL_MS)
  const creditsTicker = setInterval(refreshCredits, CREDITS_INTERVAL_MS)
  try {
    const talk = await converse(agent, idle.callerName(), signal, {
      phase(sentence, isTalking) {
        if (isTalking) talkingSince ??= performance.now()
        if (!signal.aborted) view.showPhase(sentence, isTalking)
      },
      entered(joined) {
        call = joined
        view.showJoined()
      },
      soundBlocked: view.showSoundBlocked,
    })
    if (talk === undefined) idle.showIdle()
    else await finish(talk)
  } catch (error) {
    // Who has hung up does not care any more why it would not have worked.
    if (signal.aborted) idle.showIdle()
    else fail(explain(error))
  } finally {
    call = undefined
    clearInterval(ticker)
    clearInterval(creditsTicker)
    void refreshCredits()
  }
}

async function finish(talk: Talk): Promise<void> {
  const { room_name } = talk.session
  call = undefined
  view.showPhase('Ending the call…')
  const state = await settle(room_name)
  const problem = problemOf(talk)
  // Its advice says that nothing was charged. Where that is not so, or not known yet, the receipt says what is.
  if (problem && state?.credits_charged === 0) return fail(problem)
  outcome.showReceipt(reasonOf(state, talk), state, room_name)
  if (state === undefined) void showLater(talk)
}

async function showLater(talk: Talk): Promise<void> {
  const { room_name } = talk.session
  const state = await settledLater(room_name)
  if (!state || !outcome.isReceiptOf(room_name)) return
  outcome.showReceipt(reasonOf(state, talk), state, room_name)
  await refreshCredits()
}

function fail(problem: Problem): void {
  outcome.showProblem(problem, agents.length > 1)
}

async function refreshCredits(): Promise<void> {
  const credits = await getCredits().catch(() => undefined)
  if (agents.length > 0) idle.showCredits(credits, agents)
}

/** A click on the button with this id. */
function onClick(id: string, handler: () => void): void {
  find(`#${id}`).addEventListener('click', handler)
}

find('#idle').addEventListener('submit', (event) => {
  event.preventDefault()
  void start()
})
find('#agents').addEventListener('change', () => idle.showChosen(agents))
// Whoever bought credits on another page comes back.
document.addEventListener('visibilitychange', () => document.hidden || void refreshCredits())
onClick('hang-up', () => {
  hangUp.abort()
  view.showPhase('Ending the call…')
})
onClick('mute', () => {
  isMuted = !isMuted
  void call?.mute(isMuted)
  view.showMuted(isMuted)
})
onClick('unblock', () => void call?.unblockSound())
onClick('again', start)
onClick('back', idle.showIdle)
onClick('problem-back', idle.showIdle)
// Before the agents are there, nothing can be called again.
onClick('retry', () => (agents.length === 0 ? location.reload() : void start()))

try {
  const credits = getCredits().catch(() => undefined)
  agents = await getAgents()
  idle.showAgents(agents, await credits)
  idle.showIdle()
} catch (error) {
  fail(explain(error))
}
