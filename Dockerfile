FROM node:20.19.5-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20.19.5-slim
ENV DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/web ./web
# Named volumes take their owner from here.
RUN mkdir -p /data/sandbox && chown -R node:node /data
VOLUME /data
USER node
EXPOSE 3000 3001
# As in bin/node-flags.ts.
CMD ["node", "--max-semi-space-size=64", "dist/bin/trade.js", "start"]
