// HEAD where GET is answered, outside of /v1: probes, load balancers and link checkers ask so. Under /v1 are exactly the
// document's operations.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

async function head(app: FastifyInstance) {
  app.addHook('onRoute', function (route) {
    // Some add HEAD by themselves, together with GET.
    if (route.method !== 'GET' || route.url.startsWith('/v1/')) return
    // What is named `path` would count in place of an empty `url`.
    const add = (url: string) => this.route({ ...route, ...{ path: url }, method: 'HEAD', url })
    add(route.routePath)
    // A prefix by itself is there with a slash, too, of which nobody is told.
    if (route.routePath === '') add('/')
  })
}

export default fp(head, { name: 'head' })
