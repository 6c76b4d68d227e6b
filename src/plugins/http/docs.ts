// The contract, served: the authored bytes at /openapi.yaml, the same as JSON at /openapi.json, Swagger UI at /docs, which can
// be left out.
import { readFile } from 'node:fs/promises'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { redirectToPage, relativePaths } from './docs-paths.ts'

interface Options {
  documentPath: string
  /** Where callers find the service, if the document is to name it as its server. */
  publicUrl: string | undefined
  servesPage: boolean
}

async function docs(app: FastifyInstance, options: Options) {
  const authored = await readFile(options.documentPath, 'utf8')
  const servers = [{ url: options.publicUrl?.replace(/\/+$/, '') }]
  const yaml = options.publicUrl
    ? authored.replace(/^servers:\n( .*\n)+/m, `servers: ${JSON.stringify(servers)}\n`)
    : authored

  await app.register(swagger, { mode: 'static', specification: { path: options.documentPath, baseDir: '' } })
  app.get('/openapi.yaml', async (_request, reply) => reply.type('application/yaml').send(yaml))
  app.get('/openapi.json', async () => (options.publicUrl ? { ...app.swagger(), servers } : app.swagger()))
  if (!options.servesPage) return

  app.get('/', async (_request, reply) => reply.redirect('docs'))
  await app.register(async (ui) => {
    await ui.register(helmet, {
      contentSecurityPolicy: { directives: { 'script-src': ["'self'"], 'upgrade-insecure-requests': null } },
      strictTransportSecurity: false,
    })
    redirectToPage(ui)
    await ui.register(swaggerUi, { routePrefix: '/docs', ...relativePaths })
  })
}

export default fp(docs, { name: 'docs' })
