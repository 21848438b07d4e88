// Whether the process lives, and whether it can work now: what probes and load balancers ask.
import { found, send } from './envelope';
import { forAnybody } from './openapi';
import type { HttpServer } from './routes';

export interface Readiness {
  readonly ready: boolean;
  /** Why not, in words. */
  readonly reasons: readonly string[];
}

export function addHealthRoutes(server: HttpServer, isReady: () => Readiness): void {
  server.get('/healthz', { schema: forAnybody('health', 'Whether the process lives') }, (_request, reply) =>
    send(reply, found({ alive: true })),
  );

  server.get('/readyz', { schema: forAnybody('health', 'Whether it can work now') }, (_request, reply) => {
    const readiness = isReady();
    if (readiness.ready) return send(reply, found(readiness));
    return send(reply, { code: 'SHOP_UNAVAILABLE', data: readiness, detail: readiness.reasons.join('; ') });
  });
}
