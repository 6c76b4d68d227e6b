// The contract, served: the authored bytes at /openapi.yaml, the same as JSON at /openapi.json, Swagger UI at /docs.
import { readFile } from 'node:fs/promises'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

async function docs(app: FastifyInstance, options: { documentPath: string }) {
  const yaml = await readFile(options.documentPath)

  await app.register(swagger, { mode: 'static', specification: { path: options.documentPath, baseDir: '' } })
  app.get('/openapi.yaml', async (_request, reply) => reply.type('application/yaml').send(yaml))
  // One buffer for all answers: however many are not read yet, they take no memory.
  const json = Buffer.from(JSON.stringify(app.swagger()))
  app.get('/openapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(json))

  await app.register(async (ui) => {
    await ui.register(helmet, {
      contentSecurityPolicy: { directives: { 'script-src': ["'self'"], 'upgrade-insecure-requests': null } },
      strictTransportSecurity: false,
    })
    await ui.register(swaggerUi, { routePrefix: '/docs', uiConfig: { url: '/openapi.json' } })
  })
}

export default fp(docs, { name: 'docs' })
