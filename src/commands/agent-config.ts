// The configuration of an agent, as it is read from a file: a JSON object.
import { closeSync, openSync, readSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'

const maxConfigBytes = 32 * 1024
/** A file has blanks and line ends, too. More of it is not read, whatever it is. */
const maxFileBytes = 1024 * 1024
/** Readers of JSON end somewhere, .NET's at 64; the configuration is one part of what a worker reads. */
const maxDepth = 32

function readStart(file: string): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const start = Buffer.alloc(maxFileBytes + 1)
    let length = 0
    for (;;) {
      const count = readSync(descriptor, start, length, start.length - length, null)
      if (count === 0) return start.subarray(0, length)
      length += count
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Why a value would not reach the worker as it stands in the file; undefined where it will. */
function faultOf(value: unknown, depth = 1): string | undefined {
  if (typeof value === 'string')
    return /\0|\p{Cs}/u.test(value) ? 'must not hold U+0000 or half a surrogate pair' : undefined
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return `must not hold numbers beyond ${Number.MAX_SAFE_INTEGER}: write them as texts`
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > maxDepth) return `must not be more than ${maxDepth} levels deep`
  for (const [name, inner] of Object.entries(value)) {
    const fault = faultOf(name) ?? faultOf(inner, depth + 1)
    if (fault) return fault
  }
  return undefined
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new InvalidArgumentError(`It ${what}: ${(error as Error).message}`)
  }
}

const refuse = (fault: string): never => {
  throw new InvalidArgumentError(`It ${fault}.`)
}

/** The configuration in a file, as compact JSON; throws InvalidArgumentError with what is wrong with it. */
export function agentConfig(file: string): string {
  const start = attempt('cannot be read', () => readStart(file))
  const tooLarge = `must be at most ${maxConfigBytes} bytes of JSON, without the blanks in between`
  if (start.length > maxFileBytes) refuse(tooLarge)
  const text = attempt('must be UTF-8', () => new TextDecoder('utf-8', { fatal: true }).decode(start))
  const config: unknown = attempt('must be JSON', () => JSON.parse(text))
  if (typeof config !== 'object' || config === null || Array.isArray(config)) refuse('must be a JSON object')
  const fault = faultOf(config)
  if (fault) refuse(fault)
  const compact = JSON.stringify(config)
  return Buffer.byteLength(compact) <= maxConfigBytes ? compact : refuse(tooLarge)
}
