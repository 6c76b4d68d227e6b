// The contract, served: the authored bytes at /openapi.yaml, the same as JSON at /openapi.json, Swagger UI at /docs, and
// beside it, as text, what else a newcomer reads.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { theme } from './docs-theme.ts'

/** @param options.directory holds openapi.yaml, README.md and docs/guide.md */
async function docs(app: FastifyInstance, options: { directory: string }) {
  const read = (file: string) => readFile(join(options.directory, file))
  const [yaml, readme, guide] = await Promise.all(['openapi.yaml', 'README.md', 'docs/guide.md'].map(read))
  const path = join(options.directory, 'openapi.yaml')

  await app.register(swagger, { mode: 'static', specification: { path, baseDir: '' } })
  app.get('/openapi.yaml', async (_request, reply) => reply.type('application/yaml').send(yaml))
  app.get('/openapi.json', async () => app.swagger())

  await app.register(async (ui) => {
    await ui.register(helmet, {
      contentSecurityPolicy: { directives: { 'script-src': ["'self'"], 'upgrade-insecure-requests': null } },
      strictTransportSecurity: false,
    })
    // Without the bar on top, in which one could only name another document.
    const uiConfig = { layout: 'BaseLayout', persistAuthorization: true, displayRequestDuration: true } as const
    await ui.register(swaggerUi, { routePrefix: '/docs', uiConfig, theme })
    ui.get('/docs/README.md', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(readme))
    ui.get('/docs/guide.md', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(guide))
  })
}

export default fp(docs, { name: 'docs' })
