// The contract, served: the authored bytes at /openapi.yaml, the same as JSON at /openapi.json, in OpenAPI 3.0 at
// /openapi-3.0.json, Swagger UI at /docs, which can be left out, and beside it, as text, what else a newcomer reads.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { asOpenapi30 } from '../../contract/openapi-3.0.ts'
import { redirectToPage, relativePaths } from './docs-paths.ts'
import { theme } from './docs-theme.ts'

/** Without the bar on top, in which one could only name another document. */
const uiConfig = { layout: 'BaseLayout', persistAuthorization: true, displayRequestDuration: true } as const

interface Options {
  /** README.md and docs/guide.md are beside it. */
  documentPath: string
  /** Where callers find the service, if the document is to name it as its server. */
  publicUrl: string | undefined
  servesPage: boolean
}

async function docs(app: FastifyInstance, options: Options) {
  const authored = await readFile(options.documentPath, 'utf8')
  const servers = [{ url: options.publicUrl?.replace(/\/+$/, '') }]
  const yaml = Buffer.from(
    options.publicUrl
      ? authored.replace(/^servers:\n( .*\n)+/m, () => `servers: ${JSON.stringify(servers)}\n`)
      : authored,
  )

  await app.register(swagger, { mode: 'static', specification: { path: options.documentPath, baseDir: '' } })
  app.get('/openapi.yaml', async (_request, reply) => reply.type('application/yaml').send(yaml))
  const document = options.publicUrl ? { ...app.swagger(), servers } : app.swagger()
  for (const [path, version] of [
    ['/openapi.json', document],
    ['/openapi-3.0.json', asOpenapi30(document)],
  ] as const) {
    // One buffer for all answers: however many are not read yet, they take no memory.
    const json = Buffer.from(JSON.stringify(version))
    app.get(path, async (_request, reply) => reply.type('application/json; charset=utf-8').send(json))
  }
  if (!options.servesPage) return

  app.get('/', async (_request, reply) => reply.redirect('docs'))
  await app.register(async (ui) => {
    await ui.register(helmet, {
      contentSecurityPolicy: { directives: { 'script-src': ["'self'"], 'upgrade-insecure-requests': null } },
      strictTransportSecurity: false,
    })
    redirectToPage(ui)
    await ui.register(swaggerUi, { routePrefix: '/docs', ...relativePaths, uiConfig, theme })
    for (const [path, file] of [
      ['/docs/README.md', 'README.md'],
      ['/docs/guide.md', 'docs/guide.md'],
    ] as const) {
      const text = await readFile(join(dirname(options.documentPath), file))
      ui.get(path, async (_request, reply) => reply.type('text/plain; charset=utf-8').send(text))
    }
  })
}

export default fp(docs, { name: 'docs' })
