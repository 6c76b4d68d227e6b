// The whole reference as one page: no script, and nothing that is loaded from anywhere.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dereference, type Json, operationsOf } from './document.ts'
import { blocks, escaped, inline } from './html.ts'
import { operationSection, webhookSection } from './operation.ts'

const style = readFileSync(join(import.meta.dirname, 'style.css'), 'utf8')
const icon = readFileSync(join(import.meta.dirname, '..', 'examples', 'web', 'public', 'icon.svg'))

/** @param server where the API is, without a slash at the end */
export function referencePage(authored: Json, server: string): string {
  const document = dereference(authored)
  const { title, version, summary, description } = document.info
  const sections = [
    ...operationsOf(document).map((operation) => ({ ...operation, section: operationSection(operation, server) })),
    ...operationsOf(document, document.webhooks).map((webhook) => ({ ...webhook, section: webhookSection(webhook) })),
  ]
  const groups: { menu: string; content: string }[] = document.tags.map((tag: Json) => {
    const members = sections.filter(({ operation }) => operation.tags.includes(tag.name))
    const links = members.map(
      ({ id, method, operation }) =>
        `<li><a href="#${id}"><b class="${method}">${method}</b> ${escaped(operation.summary)}</a></li>`,
    )
    return {
      menu: `<p>${escaped(tag.name)}</p><ul>${links.join('')}</ul>`,
      content: members.map(({ section }) => section).join('\n'),
    }
  })
  const { ApiKey } = document.components.securitySchemes
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)} API ${version}</title>
<link rel="icon" type="image/svg+xml" href="data:image/svg+xml;base64,${icon.toString('base64')}">
<style>
${style}</style>
</head>
<body>
<nav>
<p class="title">${escaped(title)} <small>${version}</small></p>
${groups.map(({ menu }) => menu).join('\n')}
</nav>
<main>
<section id="top">
<div class="said">
<h1>${escaped(title)} API <small>${version}</small></h1>
<p><strong>${escaped(summary)}</strong></p>
${blocks(description)}
</div>
<div class="shown">
<figure><figcaption>Server</figcaption><p><code>${escaped(server)}</code></p></figure>
<figure><figcaption>Header of every request</figcaption><p><code>${escaped(ApiKey.name)}</code> ${inline(ApiKey.description)}</p></figure>
<figure><figcaption>This document for programs</figcaption><p><a href="openapi.yaml">openapi.yaml</a>, <a href="openapi.json">openapi.json</a>, <a href="openapi-3.0.json">openapi-3.0.json</a></p></figure>
</div>
</section>
${groups.map(({ content }) => content).join('\n')}
</main>
</body>
</html>
`
}
