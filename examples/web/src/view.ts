// The page's four faces (idle, in the call, receipt, problem): one is shown at a time, and whoever does not see it is told.
import type { Agent, Credits, SessionState } from './backend.ts'
import type { Problem } from './problem.ts'
import { clock, count, linesOf } from './receipt.ts'

const FACES = ['idle', 'in-call', 'receipt', 'problem'] as const

export function byId<E extends Element = HTMLElement>(id: string): E {
  const element = document.querySelector<E>(`#${id}`)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}

/** Shows one face. Its heading gets the focus: the button that was pressed is not there any more. */
function show(face: (typeof FACES)[number], focus?: string): void {
  for (const name of FACES) byId(name).hidden = name !== face
  if (focus !== undefined) byId(focus).focus()
}

/** Read out by screen readers when they have time. */
function say(sentence: string): void {
  byId('news').textContent = sentence
}

export function showIdle(): void {
  show('idle', document.activeElement === document.body ? undefined : 'agents input:checked')
}

export function chosenAgentId(): string {
  return byId<HTMLInputElement>('agents input:checked').value
}

export function showAgents(agents: Agent[]): void {
  const options = agents.map(({ agent_id, name }, index) => {
    const label = document.createElement('label')
    const input = document.createElement('input')
    Object.assign(input, { type: 'radio', name: 'agent', value: agent_id, checked: index === 0 })
    const face = document.createElement('span')
    face.className = 'face'
    face.ariaHidden = 'true'
    paint(face, name, index)
    label.append(input, face, name)
    return label
  })
  byId('agents').append(...options)
  showChosen(agents)
}

export function showChosen(agents: Agent[]): void {
  const name = agents.find(({ agent_id }) => agent_id === chosenAgentId())?.name
  byId('call-label').textContent = `Call ${name}`
}

/** @param credits undefined where they are not known */
export function showCredits(credits: Credits | undefined): void {
  const held = credits?.held ? `, ${credits.held.toLocaleString('en')} held` : ''
  byId('credits').hidden = credits === undefined
  byId('credits').textContent = credits === undefined ? '' : `${count(credits.available, 'credit')} left${held}`
  byId('no-credits').hidden = credits === undefined || credits.available > 0
}

export function showCall(agentName: string, index: number): void {
  byId('agent-name').textContent = agentName
  paint(byId('face'), agentName, index)
  byId('agent-meter-label').textContent = agentName
  byId('unblock').hidden = true
  // The same trouble again is told again.
  byId('alarm').textContent = ''
  showTime(0)
  showMuted(false)
  showLevels({ agent: 0, caller: 0 })
  show('in-call', 'agent-name')
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

export function showReceipt(reason: string, state: SessionState | undefined, roomName: string): void {
  const lines = [...linesOf(state), ['Reference', roomName] as const]
  byId('reason').textContent = reason
  byId('receipt-lines').replaceChildren(
    ...lines.flatMap(([term, description]) => [element('dt', term), element('dd', description)]),
  )
  say(
    `Call ended. ${reason} ${linesOf(state)
      .map((line) => `${line.join(': ')}.`)
      .join(' ')}`,
  )
  // Settled while it was read: the reader stays where he is.
  if (byId('receipt').hidden) show('receipt', 'receipt-title')
}

export function isReceiptOf(roomName: string): boolean {
  return !byId('receipt').hidden && byId('receipt-lines').textContent?.includes(roomName) === true
}

export function showProblem({ title, advice, canRetry, reference }: Problem, canChoose: boolean): void {
  byId('problem-title').textContent = title
  byId('advice').textContent = advice
  byId('retry').hidden = !canRetry
  byId('problem-back').hidden = canRetry && !canChoose
  byId('problem-back').textContent = canChoose ? 'Choose another agent' : 'Back'
  byId('reference').hidden = reference === undefined
  byId('reference').textContent = `Reference: ${reference}`
  byId('alarm').textContent = `${title}. ${advice}`
  show('problem', 'problem-title')
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name)
  made.textContent = text
  return made
}

/** A face is the initials (Support Agent is SA) on a colour of the agent's own. */
function paint(face: HTMLElement, name: string, index: number): void {
  const words = name.split(/\s+/).filter(Boolean).slice(0, 2)
  face.textContent = words.map((word) => [...word][0]?.toUpperCase()).join('')
  face.dataset.hue = String(index % 4)
}
