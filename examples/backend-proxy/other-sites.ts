// Another site's page must not call on our account. Browsers say where a request comes from; apps and servers do not.
import type { Request, RequestHandler } from 'express'

export const notForOtherSites: RequestHandler = (req, res, next) => {
  if (isFromOtherSite(req)) res.status(403).json({ detail: 'Not from other sites' })
  else next()
}

/** Sec-Fetch-Site is left out by older browsers, and by all of them on a page without https: Origin is there all the same. */
function isFromOtherSite(req: Request): boolean {
  const site = req.get('Sec-Fetch-Site')
  if (site !== undefined) return site === 'cross-site' || site === 'same-site'
  const origin = req.get('Origin')
  return origin !== undefined && hostOf(origin) !== req.host
}

/** Undefined for "null", which is what a sandboxed frame says. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
