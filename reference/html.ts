// Text as HTML: escaped, and the little Markdown in which the contract's descriptions are written.

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export const escaped = (text: unknown): string => String(text).replaceAll(/[&<>"]/g, (sign) => entities[sign] as string)

/** Bold and code, within a line. */
export const inline = (text: string): string =>
  escaped(text.trim())
    .replaceAll(/\*\*(.+?)\*\*/gs, '<strong>$1</strong>')
    .replaceAll(/`(.+?)`/gs, '<code>$1</code>')

/** Paragraphs and numbered lists. */
export function blocks(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((block) => {
      if (!/^\d+\. /.test(block)) return `<p>${inline(block)}</p>`
      const items = block.split(/^\d+\. /m).slice(1)
      return `<ol>${items.map((item) => `<li>${inline(item)}</li>`).join('')}</ol>`
    })
    .join('\n')
}

export const code = (source: string): string => `<pre><code>${escaped(source)}</code></pre>`

export const json = (value: unknown): string => code(JSON.stringify(value, undefined, 2))
