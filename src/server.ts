// The process: configuration, service, listen; on SIGTERM or SIGINT the requests under way finish, then it exits 0. What
// keeps it from starting is one line on stderr and exit code 1.
import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { loadConfig } from './config.ts'
import { closeTimeoutMilliseconds } from './timings.ts'

async function start(): Promise<void> {
  const config = loadConfig(process.env)
  const app = await buildApp(config)
  closeWithGrace({ delay: closeTimeoutMilliseconds, logger: app.log }, async ({ err }) => {
    if (err) app.log.fatal({ err }, 'stopped by an error')
    await app.close()
  })
  await app.listen({ host: config.HOST, port: config.PORT }).catch((cause) => {
    throw new Error(`HOST and PORT cannot be listened on: ${cause.message}`, { cause })
  })
}

start().catch((error: Error) => {
  process.stderr.write(`Cannot start: ${error.message.replaceAll(/\s+/g, ' ')}\n`)
  process.exit(1)
})
