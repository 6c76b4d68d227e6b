// After the call: the receipt, or what went wrong.
import type { SessionState } from './backend.ts'
import type { Problem } from './problem.ts'
import { linesOf } from './receipt.ts'
import { find, say, show } from './view.ts'

export function showReceipt(reason: string, state: SessionState | undefined, roomName: string): void {
  const lines = [...linesOf(state), ['Reference', roomName] as const]
  find('#reason').textContent = reason
  find('#receipt-lines').replaceChildren(
    ...lines.flatMap(([term, description]) => [element('dt', term), element('dd', description)]),
  )
  say(
    `Call ended. ${reason} ${linesOf(state)
      .map((line) => `${line.join(': ')}.`)
      .join(' ')}`,
  )
  // Settled while it was read: the reader stays where he is.
  if (find('#receipt').hidden) show('receipt', '#receipt-title')
}

export function isReceiptOf(roomName: string): boolean {
  return !find('#receipt').hidden && find('#receipt-lines').textContent?.includes(roomName) === true
}

export function showProblem({ title, advice, canRetry, reference }: Problem, canChoose: boolean): void {
  find('#problem-title').textContent = title
  find('#advice').textContent = advice
  find('#retry').hidden = !canRetry
  find('#problem-back').hidden = canRetry && !canChoose
  find('#reference').hidden = reference === undefined
  find('#reference').textContent = `Reference: ${reference}`
  find('#alarm').textContent = `${title}. ${advice}`
  show('problem', '#problem-title')
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name)
  made.textContent = text
  return made
}
