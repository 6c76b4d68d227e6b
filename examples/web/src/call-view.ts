// The call: what happens, how long, how loud.
import { clock } from './receipt.ts'
import { find, paint, say, show } from './view.ts'

export function showCall(agentName: string, index: number): void {
  find('#agent-name').textContent = agentName
  paint(find('#face'), agentName, index)
  find('#agent-meter-label').textContent = agentName
  find('#unblock').hidden = true
  // The same trouble again is told again.
  find('#alarm').textContent = ''
  showTime(0)
  showMuted(false)
  find<HTMLButtonElement>('#mute').disabled = true
  showLevels({ agent: 0, caller: 0 })
  show('in-call', '#agent-name')
}

/** Before, nobody could hear the caller. */
export function showJoined(): void {
  find<HTMLButtonElement>('#mute').disabled = false
}

/** What happens now, for the eye and for the ear. */
export function showPhase(sentence: string, isTalking = false): void {
  find('#in-call').classList.toggle('talking', isTalking)
  find('#phase').textContent = sentence
  say(sentence)
}

export function showTime(seconds: number): void {
  find('#timer').textContent = clock(seconds)
}

export function showSoundBlocked(isBlocked: boolean): void {
  find('#unblock').hidden = !isBlocked
}

export function showMuted(isMuted: boolean): void {
  find('#mute').ariaPressed = String(isMuted)
  find('#mute use').setAttribute('href', isMuted ? '#icon-microphone-off' : '#icon-microphone')
  find('#caller-meter-label').textContent = isMuted ? 'You (muted)' : 'You'
}

export function showLevels(levels: { agent: number; caller: number }): void {
  find<HTMLMeterElement>('#agent-level').value = levels.agent
  find<HTMLMeterElement>('#caller-level').value = levels.caller
  find('#face').style.setProperty('--level', String(levels.agent))
}
