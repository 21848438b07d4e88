// What a node has for its own actors does not travel: it is handed over as it is, neither written nor read, and the
// broker never sees it. To whoever sends it is like any other node, with the same errors (ADR 14).
import type { Answer, Envelope } from '../actors/domain/envelope';
import type { Deliver } from '../actors/domain/ports/router';
import { TransportError, type Transport } from '../actors/domain/ports/transport';
import { Pending } from './pending';

export class LocalDelivery implements Pick<Transport, 'send'> {
  private readonly pending = new Pending<Answer>(() => new TransportError('timeout', 'no answer in time'));
  private deliver: Deliver | undefined;

  constructor(
    private readonly node: string,
    private readonly others: Pick<Transport, 'send' | 'isConnected'>,
  ) {}

  /** From now on this node's actors are there. */
  open(deliver: Deliver): void {
    this.deliver = deliver;
  }

  send(node: string, envelope: Envelope, timeoutMs: number): Promise<Answer> {
    const { deliver, pending, others } = this;
    // Without its broker a node is about to lose its shards: it takes nothing that it would have to give back.
    if (node !== this.node || !deliver || !others.isConnected()) {
      return others.send(node, envelope, timeoutMs);
    }
    return new Promise((resolve, reject) => {
      const ask = pending.open({ resolve, reject }, timeoutMs);
      deliver(envelope, (answer) => pending.settle(ask, answer));
    });
  }
}
