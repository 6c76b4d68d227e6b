// What the values of variables may be, beyond their type: each format has its rule and its name in plain words, which is all
// that people are shown of it.
import { isIP } from 'node:net'

interface Format {
  /** Follows `must be` in a sentence. */
  words: string
  allows(text: string): boolean
}

/** With a path or without; who calls has no name or password, and adds to the path. */
const isPlainUrl = (schemes: string) => (text: string) =>
  new RegExp(`^(${schemes})://[^\\s/?#@]+(/[^\\s?#@]*)?$`).test(text) && URL.canParse(text)

const withoutExtras = 'without a name, a password, a ? or a #'

export const listItems = (list: string): string[] =>
  list
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

const isOrigin = (text: string): boolean =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text

const isHost = (text: string): boolean => isIP(text) > 0 || /^[\w.-]+$/.test(text)

function isNetwork(text: string): boolean {
  const [address = '', bits = '0', ...rest] = text.split('/')
  const family = isIP(address)
  return family > 0 && /^\d+$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128) && rest.length === 0
}

/** Whether what is percent-encoded in a URL's name and password can be decoded. */
function hasReadableUser(url: string): boolean {
  const { username, password } = new URL(url)
  return [username, password].every((part) => /^([^%]|%[0-9a-f]{2})*$/i.test(part))
}

/** The 32 bytes that a text is in base64 or hexadecimal; undefined where it is neither. */
export function keyBytes(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined
}

function isPostgresUrl(text: string): boolean {
  // A URL with a name and no host is none to JavaScript: a socket stands in its `host=`. pg reads it so, too.
  const url = text.replace('@/', '@socket/')
  return /^postgres(ql)?:\/\//.test(url) && URL.canParse(url) && hasReadableUser(url)
}

export const formats = {
  text: { words: 'a text', allows: () => true },
  host: {
    words: 'an address or a host name, without a scheme or a port',
    allows: isHost,
  },
  hosts: {
    words: 'a list of host names or addresses, without schemes or ports, separated by commas',
    allows: (text) => listItems(text).every(isHost),
  },
  key: {
    words: '32 bytes in base64 or hexadecimal, such as `openssl rand -base64 32` prints',
    allows: (text) => keyBytes(text) !== undefined,
  },
  'postgres-url': {
    words:
      'a URL that begins with postgres:// or postgresql://, in which special characters of the password are percent-encoded',
    allows: isPostgresUrl,
  },
  'websocket-url': {
    words: `a URL that begins with wss:// or ws://, ${withoutExtras}`,
    allows: isPlainUrl('wss?'),
  },
  'api-url': {
    words: `a URL that begins with https://, http://, wss:// or ws://, ${withoutExtras}`,
    allows: isPlainUrl('https?|wss?'),
  },
  'public-url': {
    words: `a URL that begins with https:// or http://, ${withoutExtras}`,
    allows: isPlainUrl('https?'),
  },
  'proxy-url': {
    words: 'a URL, http:// or https://',
    allows: (text) => /^https?:/i.test(text) && URL.canParse(text) && hasReadableUser(text),
  },
  origins: {
    words: 'a list of exact origins, such as https://app.example, separated by commas',
    allows: (text) => listItems(text).every(isOrigin),
  },
  proxies: {
    words: 'true, false, or a list of IP addresses or networks, separated by commas',
    allows: (text) => text === 'true' || text === 'false' || listItems(text).every(isNetwork),
  },
} satisfies Record<string, Format>

/** What is wrong with a text whatever its variable: it does not arrive so from who wrote it. Otherwise undefined. */
export function brokenText(text: string): string | undefined {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return 'must not hold a line end or another invisible character'
  if (/^(["']).*\1$/.test(text)) return 'must not stand in quotes: they came with the value'
  return undefined
}

/** For Ajv; no format allows a broken text. */
export const validFormats = Object.fromEntries(
  Object.entries(formats).map(([name, { allows }]) => [name, (text: string) => !brokenText(text) && allows(text)]),
)

/** Why an address stands where a port should: Kubernetes sets variables for each Service, by its name. */
export function serviceLink(name: string, text: unknown): string {
  const [, service] = /^(?:(.+)_)?PORT$/.exec(name) ?? []
  if (!service || !/^(tcp|udp|sctp):\/\//i.test(String(text))) return ''
  const origin = `Kubernetes sets it so beside a Service named \`${service.toLowerCase().replaceAll('_', '-')}\``
  return `, and is an address: ${origin}. Set ${name} yourself, or \`enableServiceLinks: false\` in the pod`
}
