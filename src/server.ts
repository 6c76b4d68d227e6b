// The process: configuration, service, listen; on SIGTERM or SIGINT the requests under way finish, then it exits 0.
import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { type Config, loadConfig } from './config.ts'

/** Longer than any request may take. */
const closeTimeoutMilliseconds = 30_000

function configure(): Config {
  try {
    return loadConfig(process.env)
  } catch (error) {
    process.stderr.write(`Invalid configuration: ${(error as Error).message}\n`)
    process.exit(1)
  }
}

const config = configure()
const app = await buildApp(config)
closeWithGrace({ delay: closeTimeoutMilliseconds, logger: app.log }, async ({ err }) => {
  if (err) app.log.fatal({ err }, 'stopped by an error')
  await app.close()
})
await app.listen({ host: config.HOST, port: config.PORT })
