// Where Swagger UI finds its parts: all of it is relative to the page, so that the page works behind any path of a gateway
// that removes this path from what it passes on.
import type { FastifyInstance } from 'fastify'

/** The document that the page loads lies under /docs/, and the operations beside /docs. */
export const relativePaths = {
  indexPrefix: '.',
  transformSpecification: (document: object) => ({ ...document, servers: [{ url: '..' }] }),
  transformSpecificationClone: false,
} as const

/** Where these addresses of the page lead to, relative to themselves. The page is relative to its own, without a query. */
const redirects: Record<string, { to: string; onlyWithQuery: boolean }> = {
  '/docs': { to: 'docs', onlyWithQuery: true },
  '/docs/': { to: './', onlyWithQuery: true },
  '/docs/static/': { to: '../', onlyWithQuery: false },
  '/docs/static/index.html': { to: '../', onlyWithQuery: false },
}

export function redirectToPage(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ url }, reply) => {
    const [path = '', query] = url.split('?', 2)
    const redirect = redirects[path]
    if (redirect && (query !== undefined || !redirect.onlyWithQuery)) return reply.redirect(redirect.to)
  })
}
