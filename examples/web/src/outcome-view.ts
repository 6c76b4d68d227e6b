// After the call: the receipt, or what went wrong.
import type { SessionState } from './backend.ts'
import type { Problem } from './problem.ts'
import { linesOf } from './receipt.ts'
import { byId, say, show } from './view.ts'

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
