// What the URL of a webhook may be: https and a public host, except where the operator names the host as insecure.
import { isIP } from 'node:net'
import { isPublicAddress } from './public-address.ts'

const maxCharacters = 2000

/** The host as an address or a name, as URLs write it: in lower case, without the brackets of an IPv6 address. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** True where WEBHOOK_INSECURE_HOSTS names the URL's host: then http and any address are allowed. */
export function isInsecureHost(url: URL, insecureHosts: string[]): boolean {
  const host = hostOf(url)
  return insecureHosts.some((entry) => {
    const written = `http://${isIP(entry) === 6 ? `[${entry}]` : entry}`
    return URL.canParse(written) && hostOf(new URL(written)) === host
  })
}

/** Names that are kept for a network or a machine of one's own, and those without a dot: nobody outside finds them. */
const localName = /(^|\.)(localhost|local|internal|home\.arpa)\.?$|^[^.]*\.?$/

const isPublicHost = (host: string): boolean => (isIP(host) ? isPublicAddress(host) : !localName.test(host))

/**
 * The URL of a webhook. Throws an Error with a sentence for people where it may not be one. A name is not resolved here: its
 * addresses are looked at whenever something is sent.
 */
export function webhookUrl(text: string, insecureHosts: string[]): URL {
  if (!URL.canParse(text) || /[\s\p{Cc}\p{Cf}]/u.test(text))
    throw new Error('it must be a URL, such as https://app.example/webhooks')
  const url = new URL(text)
  if (Math.max(text.length, url.href.length) > maxCharacters)
    throw new Error(`it must have at most ${maxCharacters} characters, as it is sent`)
  if (url.username || url.password || text.includes('#')) throw new Error('it must have no name, password or # in it')
  if (isInsecureHost(url, insecureHosts) && /^https?:$/.test(url.protocol)) return url
  if (url.protocol !== 'https:')
    throw new Error('it must begin with https://, or with http:// for a host that WEBHOOK_INSECURE_HOSTS names')
  if (!isPublicHost(hostOf(url)))
    throw new Error('its host must be a public one, unless WEBHOOK_INSECURE_HOSTS names it')
  return url
}
