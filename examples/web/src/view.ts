// The page's four faces (idle, in the call, receipt, problem): one is shown at a time, and whoever does not see it is told.

const FACES = ['idle', 'in-call', 'receipt', 'problem'] as const

/** The first element of the page, or of a part of it, that the selector fits; there has to be one. */
export function find<E extends Element = HTMLElement>(selector: string, part: ParentNode = document): E {
  const element = part.querySelector<E>(selector)
  if (element === null) throw new Error(`the page has no ${selector}`)
  return element
}

/**
 * Shows one face. Its heading gets the focus: the button that was pressed is not there any more.
 * @param focus its selector
 */
export function show(face: (typeof FACES)[number], focus?: string): void {
  for (const name of FACES) find(`#${name}`).hidden = name !== face
  if (focus !== undefined) find(focus).focus()
}

/** Read out by screen readers when they have time. */
export function say(sentence: string): void {
  find('#news').textContent = sentence
}

/** A face is the initials (Support Agent is SA) on a colour of the agent's own. */
export function paint(face: HTMLElement, name: string, index: number): void {
  const words = name.split(/\s+/).filter(Boolean).slice(0, 2)
  face.textContent = words.map((word) => [...word][0]?.toUpperCase()).join('')
  face.dataset.hue = String(index % 4)
}
