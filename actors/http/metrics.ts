// Counts requests and how long they take, by route, so that ids in addresses make no series of their own.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Bridge } from './bridge';
import { forAnybody } from './openapi';
import type { HttpServer } from './routes';

export function addMetrics(server: HttpServer, registry: Registry, bridge: Bridge): void {
  const registers = [registry];
  const requests = new Counter({
    name: 'trade_http_requests_total',
    help: 'HTTP requests by route and status',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'trade_http_request_seconds',
    help: 'How long HTTP requests take, by route',
    labelNames: ['method', 'route'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  new Gauge({
    name: 'trade_http_in_flight',
    help: 'Requests under way in the bridge',
    registers,
    collect() {
      this.set(bridge.inFlight);
    },
  });

  server.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const route = request.routeOptions.url ?? 'unknown';
    requests.inc({ method, route, status: reply.statusCode });
    durations.observe({ method, route }, reply.elapsedTime / 1_000);
    done();
  });

  // Many of them read the books: whoever asks meanwhile gets the answer that is being made.
  let reading: Promise<string> | undefined;
  const read = (): Promise<string> =>
    (reading ??= registry.metrics().finally(() => {
      reading = undefined;
    }));

  server.get(
    '/metrics',
    { schema: { ...forAnybody('health', 'For Prometheus'), response: {} } },
    async (_request, reply) => reply.type(registry.contentType).send(await read()),
  );
}
