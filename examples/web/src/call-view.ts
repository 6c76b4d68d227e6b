// The call: what happens, how long, how loud.
import { clock } from './receipt.ts'
import { byId, paint, say, show } from './view.ts'

export function showCall(agentName: string, index: number): void {
  byId('agent-name').textContent = agentName
  paint(byId('face'), agentName, index)
  byId('agent-meter-label').textContent = agentName
  byId('unblock').hidden = true
  // The same trouble again is told again.
  byId('alarm').textContent = ''
  showTime(0)
  showMuted(false)
  byId<HTMLButtonElement>('mute').disabled = true
  showLevels({ agent: 0, caller: 0 })
  show('in-call', 'agent-name')
}

/** Before, nobody could hear the caller. */
export function showJoined(): void {
  byId<HTMLButtonElement>('mute').disabled = false
}

/** What happens now, for the eye and for the ear. */
export function showPhase(sentence: string, isTalking = false): void {
  byId('in-call').classList.toggle('talking', isTalking)
  byId('phase').textContent = sentence
  say(sentence)
}

export function showTime(seconds: number): void {
  byId('timer').textContent = clock(seconds)
}

export function showSoundBlocked(isBlocked: boolean): void {
  byId('unblock').hidden = !isBlocked
}

export function showMuted(isMuted: boolean): void {
  byId('mute').ariaPressed = String(isMuted)
  byId('mute use').setAttribute('href', isMuted ? '#icon-microphone-off' : '#icon-microphone')
  byId('caller-meter-label').textContent = isMuted ? 'You (muted)' : 'You'
}

export function showLevels(levels: { agent: number; caller: number }): void {
  byId<HTMLMeterElement>('agent-level').value = levels.agent
  byId<HTMLMeterElement>('caller-level').value = levels.caller
  byId('face').style.setProperty('--level', String(levels.agent))
}
