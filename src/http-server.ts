// Fastify as this service has it: its log, its limits, and how it takes what comes.
import { randomUUID } from 'node:crypto'
import Fastify, { LogController } from 'fastify'
import type { Config } from './config.ts'
import { createClientErrorHandler, routableUrl } from './plugins/http/faults.ts'
import * as timings from './timings.ts'

const bodyLimitBytes = 16 * 1024
const headerLimitBytes = 16 * 1024

/** Takes the log, line by line; stdout where there is none. */
export interface Log {
  write(line: string): void
}

export function createServer(config: Config, log?: Log) {
  return Fastify({
    logger: { level: config.LOG_LEVEL, ...(log && { stream: log }) },
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    trustProxy: config.TRUST_PROXY,
    bodyLimit: bodyLimitBytes,
    requestTimeout: timings.requestTimeoutMilliseconds,
    keepAliveTimeout: config.KEEP_ALIVE_SECONDS * 1000,
    connectionTimeout: timings.connectionMilliseconds,
    pluginTimeout: timings.pluginTimeoutMilliseconds,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: headerLimitBytes },
    http: {
      headersTimeout: timings.requestTimeoutMilliseconds,
      connectionsCheckingInterval: timings.timeoutCheckMilliseconds,
      maxHeaderSize: headerLimitBytes,
      requireHostHeader: false,
    },
    clientErrorHandler: createClientErrorHandler({ hasCors: config.CORS_ORIGINS.length > 0 }),
    rewriteUrl: routableUrl,
  })
}
