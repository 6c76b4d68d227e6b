// Before the call: who can be called and at what price, who calls, and the credits.
import type { Agent, Credits } from './backend.ts'
import { obstacleTo, termsOf } from './offer.ts'
import { count } from './receipt.ts'
import { find, paint, show } from './view.ts'

export function showIdle(): void {
  show('idle', document.activeElement === document.body ? undefined : '#agents input:checked')
}

export function chosenAgentId(): string {
  return find<HTMLInputElement>('#agents input:checked').value
}

/** What the caller wants to be called; may be empty. */
export function callerName(): string {
  return find<HTMLInputElement>('#name').value.trim()
}

/** With the first that can be called chosen. */
export function showAgents(agents: Agent[], credits: Credits | undefined): void {
  const chosen = Math.max(
    0,
    agents.findIndex((agent) => obstacleTo(agent, credits) === undefined),
  )
  find('#agents').append(...agents.map((agent, index) => option(agent, index, index === chosen)))
  const label = agents.length > 1 ? 'Choose another agent' : 'Back'
  for (const button of ['#back', '#problem-back']) find(button).textContent = label
  showCredits(credits, agents)
}

function option({ agent_id, name }: Agent, index: number, checked: boolean): HTMLElement {
  const label = document.createElement('label')
  const input = document.createElement('input')
  Object.assign(input, { type: 'radio', name: 'agent', value: agent_id, checked })
  const face = document.createElement('span')
  face.className = 'face'
  face.ariaHidden = 'true'
  paint(face, name, index)
  const words = document.createElement('span')
  words.append(name, document.createElement('small'))
  label.append(input, face, words)
  return label
}

export function showChosen(agents: Agent[]): void {
  const input = find<HTMLInputElement>('#agents input:checked')
  const name = agents.find(({ agent_id }) => agent_id === input.value)?.name
  find('#call-label').textContent = `Call ${name}`
  find<HTMLButtonElement>('#call').disabled = input.disabled
}

/** @param credits undefined where they are not known */
export function showCredits(credits: Credits | undefined, agents: Agent[]): void {
  const held = credits?.held ? `, ${credits.held.toLocaleString('en')} held` : ''
  find('#credits').hidden = credits === undefined
  find('#credits').textContent = credits === undefined ? '' : `${count(credits.available, 'credit')} left${held}`
  for (const [index, label] of document.querySelectorAll('#agents label').entries()) {
    const agent = agents[index] as Agent
    const obstacle = obstacleTo(agent, credits)
    find<HTMLInputElement>('input', label).disabled = obstacle !== undefined
    find('small', label).textContent = [termsOf(agent), obstacle].filter(Boolean).join(' ')
  }
  find('#nobody').hidden = agents.some((agent) => obstacleTo(agent, credits) === undefined)
  showChosen(agents)
}
