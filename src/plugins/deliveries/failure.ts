// Why an attempt failed, in one word: what a receiver says, or what an error quotes of it, is neither stored nor logged.
import type { Failure } from '../../repositories/failed-delivery.ts'

/** An attempt that ends here, with the word for it. */
export class Unsent extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure)
    this.failure = failure
  }
}

const tlsCodes = /TLS|SSL|CERT|CRL|SIGNATURE|ISSUER|EPROTO|HOSTNAME/

export function failureOf(error: unknown): Failure {
  if (error instanceof Unsent) return error.failure
  return tlsCodes.test(String((error as { code?: unknown }).code)) ? 'tls' : 'connection'
}
