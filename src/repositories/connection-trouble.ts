// Why a connection to PostgreSQL did not come about, in one line, with what to do about it where that is known.

const withoutChecking = 'uselibpqcompat=true&sslmode=require'
const timeouts = 'statement_timeout=&lock_timeout=&idle_in_transaction_session_timeout='

/** What the code and the message of a failure say, and what to do then. */
const advice: [RegExp, string][] = [
  [
    /^(DEPTH_ZERO_SELF|SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS_CERT)/,
    `its certificate cannot be checked: add sslrootcert=FILE, with the authority that signed it, to DATABASE_URL, or ${withoutChecking}, which encrypts without checking`,
  ],
  [/does not support SSL/, 'it speaks no TLS: remove sslmode from DATABASE_URL, and PGSSLMODE'],
  [
    /^28000 .*(no encryption|SSL off)/,
    `it may want TLS: add sslmode=verify-full to DATABASE_URL, or ${withoutChecking}`,
  ],
  [
    /unsupported startup parameter: \w*_timeout/,
    `a pooler in front of it does not pass this on: add ${timeouts} to DATABASE_URL, and set them for the role (see PgBouncer in docs/operating.md)`,
  ],
  [
    /unsupported startup parameter/,
    'a pooler in front of it does not pass this on: set it for the role instead (see PgBouncer in docs/operating.md)',
  ],
  [/^(26000|42P05) /, 'a pooler in front of it loses prepared statements: set PREPARED_STATEMENTS=false'],
  [/connection timeout/, 'nobody answers there: check the host and the port of DATABASE_URL, and firewalls'],
  [/^(ENOTFOUND|EAI_AGAIN)\b/, 'no host of this name is found: check DATABASE_URL, and DNS'],
  [/^ECONNREFUSED\b/, 'nobody listens there: check the host and the port of DATABASE_URL'],
  [
    /^(42P01|42703) /,
    'the tables are not there, or older than this version: run `npm run migrate`, or `node dist/admin.js migrate`',
  ],
]

export function explainTrouble(error: unknown): string {
  const { code = '', message } = error as { code?: string; message: string }
  const coded = `${code} ${message}`.trim()
  const text = message.includes(code) ? message : coded
  const [, whatToDo] = advice.find(([pattern]) => pattern.test(coded)) ?? []
  return whatToDo ? `${text}; ${whatToDo}` : text
}

/**
 * pg takes these three modes of TLS for verify-full, and warns in eight lines that a later version will not. Written out it stays
 * so, and nobody is warned.
 */
export function withPinnedTls(connectionString: string): string {
  if (/[?&]uselibpqcompat=true(&|$)/.test(connectionString)) return connectionString
  return connectionString.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/g, '$1verify-full')
}
