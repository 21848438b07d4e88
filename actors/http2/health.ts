// What machines ask: alive, ready, how much.
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Server } from './routes';

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export function healthRoutes(server: Server, isReady: () => Readiness, registry: Registry): void {
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests by route and status',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took, by route',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    registers: [registry],
  });
  server.addHook('onResponse', (request, reply, done) => {
    // The route's pattern, not its address: ids would make a series each.
    const route = request.routeOptions.url ?? 'none';
    requests.inc({ method: request.method, route, status: reply.statusCode });
    durations.observe({ route }, reply.elapsedTime / 1_000);
    done();
  });
  const schema = { hide: true };
  server.get('/healthz', { schema }, (_request, reply) => reply.send({ status: 'ok' }));
  server.get('/readyz', { schema }, (_request, reply) => {
    const readiness = isReady();
    return reply.status(readiness.ready ? 200 : 503).send(readiness);
  });
  server.get('/metrics', { schema }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
