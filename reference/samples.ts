// The code samples of an operation: what a developer pastes, runs and sees answered. A test runs each of them.
import { examplesOf, type Json, type Operation } from './document.ts'

export interface Sample {
  label: string
  source: string
}

interface Request {
  method: string
  url: string
  /** The example of the body, as JSON; absent where there is none. */
  body: string | undefined
}

/** @param server where the API is, without a slash at the end */
export function samplesOf({ method, path, operation }: Operation, server: string): Sample[] {
  const examples = new Map(
    operation.parameters.map((parameter: { name: string; example: string }) => [parameter.name, parameter.example]),
  )
  const required = operation.parameters.filter((parameter: Json) => parameter.in === 'query' && parameter.required)
  const query = new URLSearchParams(required.map(({ name, example }: Json) => [name, example])).toString()
  const url = server + path.replaceAll(/\{(\w+)\}/g, (_, name) => String(examples.get(name))) + (query && `?${query}`)
  const [example] = operation.requestBody ? examplesOf(operation.requestBody) : []
  const request = { method, url, body: example && JSON.stringify(example) }
  return [
    { label: 'curl', source: curl(request) },
    { label: 'Python', source: python(request) },
    { label: 'TypeScript', source: typescript(request) },
  ]
}

function curl({ method, url, body }: Request): string {
  const lines = [`curl -w '\\n' -X ${method} "${url}"`, '-H "X-API-Key: $API_KEY"']
  if (body) lines.push('-H "Content-Type: application/json"', `-d '${body}'`)
  return lines.join(' \\\n  ')
}

function python({ method, url, body }: Request): string {
  const [type, data] = body
    ? [', "Content-Type": "application/json"', `\n    data=json.dumps(${body}).encode(),`]
    : ['', '']
  return `import json
import os
from urllib.request import Request, urlopen

request = Request(
    "${url}",
    method="${method}",
    headers={"X-API-Key": os.environ["API_KEY"]${type}},${data}
)
with urlopen(request, timeout=10) as answer:
    print(json.load(answer))`
}

function typescript({ method, url, body }: Request): string {
  const [type, data] = body ? [", 'Content-Type': 'application/json'", `\n  body: JSON.stringify(${body}),`] : ['', '']
  return `const answer = await fetch('${url}', {
  method: '${method}',
  headers: { 'X-API-Key': process.env.API_KEY ?? ''${type} },${data}
  signal: AbortSignal.timeout(10_000),
})
if (!answer.ok) throw new Error(\`\${answer.status} \${(await answer.json()).detail}\`)
console.log(await answer.json())`
}
