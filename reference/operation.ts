// One operation of the reference: on the left what is said of it, on the right what to send and what comes back.
import { examplesOf, type Json, type Operation, refusalsOf } from './document.ts'
import { fieldTable, parameterTable, summaryOf } from './fields.ts'
import { blocks, code, escaped, json } from './html.ts'
import { samplesOf } from './samples.ts'

const bodyOf = (answer: Json) => answer.content['application/json']

function errorTable(answers: [string, Json][]): string {
  const rows = answers.map(([status, answer]) => {
    const sentences = refusalsOf(answer).map(
      ({ code: name, detail }) => `<li><code>${escaped(name)}</code><br>${escaped(detail)}</li>`,
    )
    return `<tr><td><b>${status}</b></td><td>${summaryOf(answer.description)}<ul>${sentences.join('')}</ul></td></tr>`
  })
  return `<h3>Errors</h3><table class="errors">${rows.join('\n')}</table>`
}

function headerTable(headers: Json): string {
  const rows = Object.entries<Json>(headers).map(
    ([name, { description }]) => `<tr><td><code>${escaped(name)}</code></td><td>${summaryOf(description)}</td></tr>`,
  )
  return `<h3>Headers of the answer</h3><table>${rows.join('\n')}</table>`
}

/** What the service itself sends: the event, and an example of it. */
export function webhookSection({ id, method, path, operation }: Operation): string {
  const { description } = operation.responses['200']
  return `<section id="${id}">
<div class="said">
<h2>${escaped(operation.summary)}</h2>
<p class="line"><b class="${method}">${method}</b> <code>${escaped(path)}</code></p>
${blocks(operation.description)}
<h3>Body</h3>${fieldTable(bodyOf(operation.requestBody).schema)}
<h3>Answer 200</h3><p>${summaryOf(description)}</p>
</div>
<div class="shown">
<figure><figcaption>Sent to your endpoint</figcaption>${json(examplesOf(operation.requestBody)[0])}</figure>
</div>
</section>`
}

/** @param server where the API is, without a slash at the end */
export function operationSection(entry: Operation, server: string): string {
  const { id, method, path, operation } = entry
  const answers = Object.entries<Json>(operation.responses)
  const [good, errors] = [
    answers.filter(([status]) => status.startsWith('2')),
    answers.filter(([status]) => !status.startsWith('2')),
  ]
  const body = operation.requestBody
  const request = body
    ? `<h3>Body</h3><p>${summaryOf(body.description)}</p>${fieldTable(bodyOf(body).schema, 'required')}`
    : ''
  const samples = samplesOf(entry, server).map(
    ({ label, source }) => `<figure><figcaption>${label}</figcaption>${code(source)}</figure>`,
  )
  const [left, right] = [
    good.map(
      ([status, answer]) =>
        `<h3>Answer ${status}</h3><p>${summaryOf(answer.description)}</p>${fieldTable(bodyOf(answer).schema)}${headerTable(answer.headers)}`,
    ),
    good.map(
      ([status, answer]) => `<figure><figcaption>Answer ${status}</figcaption>${json(examplesOf(answer)[0])}</figure>`,
    ),
  ]
  return `<section id="${id}">
<div class="said">
<h2>${escaped(operation.summary)}</h2>
<p class="line"><b class="${method}">${method}</b> <code>${escaped(path)}</code></p>
${blocks(operation.description)}
${parameterTable(operation.parameters)}
${request}
${left.join('\n')}
${errorTable(errors)}
</div>
<div class="shown">
${[...samples, ...right].join('\n')}
</div>
</section>`
}
