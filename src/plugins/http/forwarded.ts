// X-Forwarded-For as proxies write it: some add the caller's port, brackets or a zone. What is left of it are addresses,
// so that trust in proxies and counts of callers go by the address.
import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** The address alone; undefined where there is none. */
function toAddress(text: string): string | undefined {
  const [, bracketed, withPort] = /^\[(.*)\](?::\d*)?$|^([\d.]+):\d*$/.exec(text.trim()) ?? []
  const [address = ''] = (bracketed ?? withPort ?? text.trim()).split('%', 1)
  return isIP(address) ? address : undefined
}

async function forwarded(app: FastifyInstance) {
  app.addHook('onRequest', async ({ headers }) => {
    const list = headers['x-forwarded-for']
    if (list === undefined) return
    const items = String(list).split(',')
    const addresses = items.filter((item) => item.trim() !== '').map(toAddress)
    // Each proxy adds on the right: what stands before something that is no address comes from nobody who is known.
    headers['x-forwarded-for'] = addresses.slice(addresses.lastIndexOf(undefined) + 1).join(', ')
  })
}

export default fp(forwarded, { name: 'forwarded' })
