// What those outside were told, to be held against the books when all is over.
import type { OrderId } from '../../../actors/domain/ids';
import type { Reply } from './front';

export type End = 'cancelled' | 'refunded' | 'shipped';

export class Told {
  /** Orders that were said to be confirmed, by request key. */
  readonly confirmed = new Map<string, OrderId>();
  /** What a request key was refused with. */
  readonly refused = new Map<string, string>();
  /** What was asked for, whether there was an answer or not. */
  readonly wished = new Map<OrderId, Set<End>>();
  /** What was said to have happened. */
  readonly done = new Map<OrderId, Set<End>>();
  /** What contradicts what was said before. */
  readonly contradictions: string[] = [];

  placed(key: string, reply: Reply): void {
    if (reply.code !== 'SHOP_SUCCESS') {
      this.refused.set(key, reply.code);
      return;
    }
    const { orderId } = reply.data as { orderId: OrderId };
    const before = this.confirmed.get(key);
    if (before !== undefined && before !== orderId)
      this.contradictions.push(`the request ${key} is order ${before} and order ${orderId}`);
    this.confirmed.set(key, orderId);
  }

  asked(orderId: OrderId, end: End): void {
    add(this.wished, orderId, end);
  }

  ended(orderId: OrderId, end: End): void {
    add(this.done, orderId, end);
  }
}

function add(ends: Map<OrderId, Set<End>>, orderId: OrderId, end: End): void {
  const known = ends.get(orderId);
  if (known) known.add(end);
  else ends.set(orderId, new Set([end]));
}
