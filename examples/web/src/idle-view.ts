// Before the call: who can be called, and the credits.
import type { Agent, Credits } from './backend.ts'
import { count } from './receipt.ts'
import { byId, paint, show } from './view.ts'

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
  for (const id of ['back', 'problem-back']) byId(id).textContent = agents.length > 1 ? 'Choose another agent' : 'Back'
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
