// Operations of a running node, asked over its admin routes.
import type { ReplyEnvelope } from '../../actors/domain/front-door';
import type { AuditReport, Operations, Row, StuckOrder } from '../../actors/domain/operations';
import type { DeadLetter, RetriedEvent } from '../../actors/domain/ports/inbox';
import type { NodeAddress } from './running-node';

/** An audit of large books takes its time. */
const TIMEOUT_MS = 600_000;

export function createRemoteOperations(node: NodeAddress): Operations {
  const get = <Data>(path: string, query: Record<string, string | number | undefined> = {}): Promise<Data> =>
    ask<Data>(node, 'GET', path, query);
  const post = <Data>(path: string, body: object): Promise<Data> => ask<Data>(node, 'POST', path, {}, body);
  return {
    order: (orderId) => found(get<Row>(`/admin/orders/${encodeURIComponent(orderId)}`)),
    payment: (payId) => found(get<Row>(`/admin/payments/${encodeURIComponent(payId)}`)),
    stuckOrders: (which) => get<readonly StuckOrder[]>('/admin/orders/stuck', { ...which }),
    openRefunds: (page) => get<readonly Row[]>('/admin/payments/refunds', { ...page }),
    deadLetters: (limit, after) => get<readonly DeadLetter[]>('/admin/dead-letters', { limit, after }),
    retrying: (limit, after) =>
      get<readonly RetriedEvent[]>('/admin/dead-letters/retrying', { limit, after }),
    redrive: async (which) =>
      (await found(post<{ redriven: number }>('/admin/dead-letters/redrive', which)))?.redriven ?? 0,
    outbox: () => get('/admin/outbox'),
    replay: async (topic, key) =>
      (
        await post<{ replayed: number }>('/admin/outbox/replay', {
          topic,
          ...(key === undefined ? {} : { key }),
        })
      ).replayed,
    audit: ({ adopt }) => get<AuditReport>('/admin/audit', adopt ? { adopt: 'true' } : {}),
  };
}

class NotFound extends Error {}

const found = <Data>(data: Promise<Data>): Promise<Data | undefined> =>
  data.catch((error: unknown) => {
    if (error instanceof NotFound) return undefined;
    throw error;
  });

async function ask<Data>(
  { url, adminToken }: NodeAddress,
  method: 'GET' | 'POST',
  path: string,
  query: Record<string, string | number | undefined>,
  body?: object,
): Promise<Data> {
  const target = new URL(path, url);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) target.searchParams.set(name, String(value));
  }
  const response = await fetch(target, {
    method,
    headers: {
      authorization: `Bearer ${adminToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const envelope = (await response.json()) as ReplyEnvelope;
  if (envelope.success) return envelope.data as Data;
  const message = `the node answered ${envelope.code}: ${envelope.message}`;
  throw response.status === 404 ? new NotFound(message) : new Error(message);
}
