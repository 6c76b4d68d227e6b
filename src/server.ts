// The process: configuration, service, listen; on SIGTERM or SIGINT the requests under way finish, then it exits 0. What
// keeps it from starting is one line on stderr and exit code 1. Signals are listened for before all else is loaded.
import './stop.ts'
import { buildApp } from './app.ts'
import { loadConfig } from './config.ts'
import { openLines } from './stdout.ts'
import { cannotStart, stopWith } from './stop.ts'
import { closeTimeoutMilliseconds, logEndMilliseconds } from './timings.ts'

async function start(): Promise<void> {
  const config = loadConfig(process.env)
  const lines = openLines()
  const app = await buildApp(config, lines)
  stopWith({
    async end(error) {
      if (error) app.log.fatal({ err: error }, 'stopped by an error')
      else await app.drain.begin(config.DRAIN_SECONDS)
      await app.close()
      await lines.end(logEndMilliseconds)
    },
    survived: (err) => app.log.error({ err }, 'the system refused something'),
    limitMilliseconds: config.DRAIN_SECONDS * 1000 + closeTimeoutMilliseconds,
  })
  await app.listenOn(config.HOST, config.PORT).catch((cause) => {
    throw new Error(`HOST and PORT cannot be listened on: ${cause.message}`, { cause })
  })
}

start().catch(cannotStart)
