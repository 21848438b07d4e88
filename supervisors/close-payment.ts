// Makes sure that no more money can come for a payment, or learns that some has come: a platform whose callback was
// lost still answers a question (R13, R16).
import type { Logger } from 'pino';
import type { PayId } from '../actors/domain/ids';
import type { Payment } from '../actors/domain/payment';
import type { Clock, GatewayNotice, PaymentGateway, Router } from '../actors/domain/ports';

export interface ClosingParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gatewayOf: (provider: string) => PaymentGateway | undefined;
}

/** `paid`: booked, or about to be sent back. `unknown`: an actor did not answer; to be tried again. */
export type Closing = 'closed' | 'paid' | 'unknown';

/**
 * Asks the platform what became of a payment, records whatever arrived, and closes what is not paid.
 * @throws RetryableError if the platform does not answer
 */
export async function closePayment(parts: ClosingParts, payId: PayId): Promise<Closing> {
  const { router, clock, logger, gatewayOf } = parts;
  const ask = (command: { type: string }, attempt = 1) =>
    router.ask({ kind: 'payment', id: payId, command, key: payId, attempt });
  const find = async (): Promise<Payment | Closing> => {
    const found = await ask({ type: 'FindPayment' });
    // It was opened at the order and never made.
    if (found.outcome === 'refused') return 'closed';
    return found.outcome === 'ok' ? (found.data as Payment) : 'unknown';
  };
  /** @returns whether all of it is saved; what was saved before is saved */
  const record = async (provider: string, notices: readonly GatewayNotice[]): Promise<boolean> => {
    logger.info({ payId, transactions: notices.length }, 'the platform knows of money for an open payment');
    for (const { amount, transactionId } of notices) {
      const command = { type: 'RecordNotice', provider, transactionId, amount, at: clock.now() };
      const recorded = await ask(command, 2);
      if (recorded.outcome !== 'ok') return false;
    }
    return true;
  };

  const payment = await find();
  if (typeof payment === 'string') return payment;
  if (payment.isPaid) return 'paid';
  const { provider } = payment;
  const gateway = gatewayOf(provider);
  const state = gateway ? await gateway.query(payId, { close: true }) : ({ state: 'unknown' } as const);
  if (state.state === 'paid') {
    if (!(await record(provider, state.notices))) return 'unknown';
    // Money of another amount pays nothing: it goes back, and the payment is closed like one that nobody paid.
    const recorded = await find();
    if (typeof recorded === 'string') return recorded;
    if (recorded.isPaid) return 'paid';
  }
  const closed = await ask({ type: 'ClosePayment', at: clock.now() } as { type: string });
  if (closed.outcome !== 'ok') return 'unknown';
  return (closed.data as Payment).isPaid ? 'paid' : 'closed';
}
