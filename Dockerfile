# The service as an image: built in one stage, run in another that holds the bundle, its packages and the contract.
# A test performs these very steps. Files keep the clone's modes where none is given, and a strict umask would lock out the
# user who runs the service.
# Migrate with `docker run … node dist/admin.js migrate`.
FROM node:24-slim AS build
ARG npm_config_cache=/npm-cache
WORKDIR /app
COPY --chmod=644 package.json package-lock.json ./
RUN --mount=type=cache,target=/npm-cache npm ci --workspaces=false --ignore-scripts
COPY --chmod=644 tsconfig.json ./
COPY src ./src
RUN npm run build

FROM node:24-slim
ARG npm_config_cache=/npm-cache
WORKDIR /app
ENV NODE_ENV=production
ENV HOST=0.0.0.0
COPY --chmod=644 package.json package-lock.json ./
RUN --mount=type=cache,target=/npm-cache npm ci --omit=dev --workspaces=false --ignore-scripts && find node_modules -name '*.map' -delete
COPY --chmod=644 openapi.yaml README.md ./
COPY --chmod=644 docs/guide.md ./docs/guide.md
COPY --from=build /app/dist ./dist
USER node
EXPOSE 3000
# Not by fetch(): with NODE_USE_ENV_PROXY it would ask the proxy.
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "require('http').get({ port: process.env.PORT || 3000, path: '/livez', host: '127.0.0.1', agent: false }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "--heap-growing-percent=30", "dist/server.js"]
