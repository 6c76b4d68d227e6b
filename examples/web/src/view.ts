// The page's four faces (idle, in the call, receipt, problem): one is shown at a time, and whoever does not see it is told.

const FACES = ['idle', 'in-call', 'receipt', 'problem'] as const

export function byId<E extends Element = HTMLElement>(id: string): E {
  const element = document.querySelector<E>(`#${id}`)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}

/** Shows one face. Its heading gets the focus: the button that was pressed is not there any more. */
export function show(face: (typeof FACES)[number], focus?: string): void {
  for (const name of FACES) byId(name).hidden = name !== face
  if (focus !== undefined) byId(focus).focus()
}

/** Read out by screen readers when they have time. */
export function say(sentence: string): void {
  byId('news').textContent = sentence
}

/** A face is the initials (Support Agent is SA) on a colour of the agent's own. */
export function paint(face: HTMLElement, name: string, index: number): void {
  const words = name.split(/\s+/).filter(Boolean).slice(0, 2)
  face.textContent = words.map((word) => [...word][0]?.toUpperCase()).join('')
  face.dataset.hue = String(index % 4)
}
