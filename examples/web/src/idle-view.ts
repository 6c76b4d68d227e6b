// Before the call: who can be called, and the credits.
import type { Agent, Credits } from './backend.ts'
import { count } from './receipt.ts'
import { find, paint, show } from './view.ts'

export function showIdle(): void {
  show('idle', document.activeElement === document.body ? undefined : '#agents input:checked')
}

export function chosenAgentId(): string {
  return find<HTMLInputElement>('#agents input:checked').value
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
  find('#agents').append(...options)
  const label = agents.length > 1 ? 'Choose another agent' : 'Back'
  for (const button of ['#back', '#problem-back']) find(button).textContent = label
  showChosen(agents)
}

export function showChosen(agents: Agent[]): void {
  const name = agents.find(({ agent_id }) => agent_id === chosenAgentId())?.name
  find('#call-label').textContent = `Call ${name}`
}

/** @param credits undefined where they are not known */
export function showCredits(credits: Credits | undefined): void {
  const held = credits?.held ? `, ${credits.held.toLocaleString('en')} held` : ''
  find('#credits').hidden = credits === undefined
  find('#credits').textContent = credits === undefined ? '' : `${count(credits.available, 'credit')} left${held}`
  find('#no-credits').hidden = credits === undefined || credits.available > 0
}
