// From an agent that was picked to the end of the talk, in the order in which a person meets it: microphone, session, room,
// agent. The microphone comes first, so that a refusal costs no session.
import type { LocalAudioTrack } from 'livekit-client'
import { type Agent, endSession, type Session, startSession } from './backend.ts'
import { type Call, joinCall } from './call.ts'
import { openMicrophone } from './microphone.ts'

/** The service releases a caller without an agent sooner; this is for when it cannot. */
const AGENT_PATIENCE_MS = 45_000

/** What the page is told on the way. */
export interface Stage {
  phase(sentence: string, isTalking?: boolean): void
  entered(call: Call): void
  soundBlocked(isBlocked: boolean): void
}

/** Lost is also what could not be connected. */
export type Ending = 'hung up' | 'ended' | 'lost'

export interface Talk {
  session: Session
  /** False when none could be heard. It may have been in the room all the same: what that costs, the service says. */
  agentCame: boolean
  how: Ending
}

/** Kept until a session was got with it: the same call, after a lost answer, then gets the same session and not a second one. */
let unanswered: { agentId: string; name: string; idempotencyKey: string } | undefined

/**
 * Answers when the talk is over; undefined when it was hung up before there was a room. Throws what explain() explains.
 * @param name of the caller, for the agent; may be empty
 * @param signal hangs up
 */
export async function converse(
  agent: Agent,
  name: string,
  signal: AbortSignal,
  stage: Stage,
): Promise<Talk | undefined> {
  stage.phase('Allow the microphone to start the call.')
  const microphone = await openMicrophone(signal)
  if (microphone === undefined) return undefined
  try {
    stage.phase('Setting up the call…')
    const session = await start(agent.agent_id, name)
    if (signal.aborted) return void (await endSession(session.room_name).catch(() => {}))
    return await talk(session, microphone, signal, stage)
  } finally {
    microphone.stop()
  }
}

async function start(agentId: string, name: string): Promise<Session> {
  if (unanswered?.agentId !== agentId || unanswered.name !== name)
    unanswered = { agentId, name, idempotencyKey: crypto.randomUUID() }
  const session = await startSession(agentId, name, unanswered.idempotencyKey)
  unanswered = undefined
  return session
}

async function talk(session: Session, microphone: LocalAudioTrack, signal: AbortSignal, stage: Stage): Promise<Talk> {
  const { agent_name, room_name } = session
  const end = () => void endSession(room_name).catch(() => {})
  // Whoever closes the page hangs up, too.
  window.addEventListener('pagehide', end)
  const waiting = `Waiting for ${agent_name}…`
  const left = `${agent_name} left. Waiting for a moment…`
  let agentCame = false
  let isOver = (_how: Ending) => {}
  const over = new Promise<Ending>((resolve) => {
    isOver = resolve
  })
  signal.addEventListener('abort', () => isOver('hung up'))
  const patience = setTimeout(() => agentCame || isOver('ended'), AGENT_PATIENCE_MS)
  try {
    stage.phase('Connecting…')
    const call = await joinCall(session, microphone, {
      agentCame() {
        agentCame = true
        stage.phase('Connected', true)
      },
      agentWent: () => stage.phase(left),
      reconnecting: () => stage.phase('Connection lost. Reconnecting…'),
      reconnected(agentIsThere) {
        if (!agentCame) stage.phase(waiting)
        else stage.phase(agentIsThere ? 'Connected' : left, agentIsThere)
      },
      soundBlocked: stage.soundBlocked,
      ended: (how) => isOver(how),
    })
    if (!agentCame) stage.phase(waiting)
    stage.entered(call)
    const how = await over
    await call.leave()
    return { session, agentCame, how }
  } catch (error) {
    // Joined or not, the session is there, and has to be settled like any other.
    console.error(error)
    return { session, agentCame, how: signal.aborted ? 'hung up' : 'lost' }
  } finally {
    clearTimeout(patience)
    window.removeEventListener('pagehide', end)
  }
}
