// The way to LiveKit's API: straight, or through the forward proxy of the environment. A plain http:// LiveKit is asked of the
// proxy by its whole URL, an https:// one through a tunnel (CONNECT), as other programs do it.
import http from 'node:http'
import https from 'node:https'
import { isIPv6 } from 'node:net'
import { buildConnector, type Pool } from 'undici'

/** The variables as the environment has them; NO_PROXY lists hosts, domains and addresses, each with a port or without. */
export interface Proxies {
  HTTP_PROXY?: string
  /** Where it is absent, HTTP_PROXY counts for https:// as well. */
  HTTPS_PROXY?: string
  NO_PROXY?: string
}

export interface Route {
  /** Whom to connect to. */
  origin: string
  /** What stands before the path of each call. */
  prefix: string
  headers: Record<string, string>
  connect: NonNullable<Pool.Options['connect']>
}

const withoutBrackets = (host: string) => host.replace(/^\[(.*)\]$/, '$1').toLowerCase()

function isExempt({ protocol, hostname, port }: URL, list = ''): boolean {
  const host = withoutBrackets(hostname)
  const ownPort = port || (protocol === 'https:' ? '443' : '80')
  return list.split(/[\s,]+/).some((entry) => {
    const [name = '', onlyPort] = isIPv6(entry) ? [entry] : entry.split(/:(?=\d+$)/)
    const domain = withoutBrackets(name).replace(/^\*?\./, '')
    const isNamed = domain === '*' || host === domain || host.endsWith(`.${domain}`)
    return isNamed && domain !== '' && (onlyPort ?? ownPort) === ownPort
  })
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** Connects to LiveKit, with TLS, through the proxy. */
function tunnel(proxy: URL, timeoutMilliseconds: number): buildConnector.connector {
  const { request } = proxy.protocol === 'https:' ? https : http
  const secure = buildConnector({ timeout: timeoutMilliseconds })
  return (options, callback) => {
    const path = `${options.hostname}:${options.port || 443}`
    const asked = request({
      host: withoutBrackets(proxy.hostname),
      port: proxy.port,
      method: 'CONNECT',
      path,
      headers: { host: path, ...authorization(proxy) },
      timeout: timeoutMilliseconds,
      // Node's common one may follow the environment's proxies by itself.
      agent: false,
    })
    asked.on('timeout', () => asked.destroy(new Error('the proxy took too long')))
    asked.on('error', (error) => callback(error, null))
    asked.on('connect', ({ statusCode }, socket) => {
      socket.setTimeout(0)
      if (statusCode === 200) return secure({ ...options, httpSocket: socket }, callback)
      socket.destroy()
      callback(new Error(`the proxy answered ${statusCode}`), null)
    })
    asked.end()
  }
}

/** `proxies` are undefined where none is to be used. */
export function routeTo(url: URL, proxies: Proxies | undefined, timeoutMilliseconds: number): Route {
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } = proxies ?? {}
  const { protocol, origin, host, pathname } = url
  const path = pathname.replace(/\/+$/, '')
  const named = protocol === 'https:' ? (HTTPS_PROXY ?? HTTP_PROXY) : HTTP_PROXY
  const straight = { origin, prefix: path, headers: {}, connect: { timeout: timeoutMilliseconds } }
  if (named === undefined || isExempt(url, NO_PROXY)) return straight
  const proxy = new URL(named)
  if (protocol === 'https:') return { ...straight, connect: tunnel(proxy, timeoutMilliseconds) }
  const headers = { host, ...authorization(proxy) }
  return { ...straight, origin: proxy.origin, prefix: `${origin}${path}`, headers }
}
