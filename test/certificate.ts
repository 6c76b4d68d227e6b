// A certificate for localhost and livekit.test that nobody vouches for, unless NODE_EXTRA_CA_CERTS names its file.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:livekit.test']
const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...names]

export function createCertificate(directory: string) {
  const file = join(directory, 'certificate.pem')
  const keyFile = join(directory, 'key.pem')
  execFileSync('openssl', [...request, '-keyout', keyFile, '-out', file], { stdio: 'pipe' })
  return { file, cert: readFileSync(file), key: readFileSync(keyFile) }
}
