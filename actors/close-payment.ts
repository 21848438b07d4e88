// An open payment is closed at its platform before it is closed here, so that nobody pays for nothing; money that
// turns out to be there already is saved first (R13, R16).
import type { Answer } from './domain/envelope';
import type { PayId } from './domain/ids';
import type { Payment } from './domain/payment';
import type { Clock, PaymentGateway, Router } from './domain/ports';

export interface ClosingParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly gatewayOf: (provider: string) => PaymentGateway | undefined;
}

/**
 * @returns 'closed': whatever arrives from now on goes back; 'paid': what was due is there; 'not now': an actor did
 * not answer, so it is to be tried again
 * @throws RetryableError when the platform is away
 */
export async function closePayment(
  { router, clock, gatewayOf }: ClosingParts,
  payId: PayId,
): Promise<'closed' | 'paid' | 'not now'> {
  const ask = (command: { type: string }): Promise<Answer> =>
    router.ask({ kind: 'payment', id: payId, command, key: payId, attempt: 1 });
  const found = await ask({ type: 'FindPayment' });
  if (found.outcome === 'refused') return 'closed';
  if (found.outcome !== 'ok') return 'not now';
  const { isPaid, provider } = found.data as Payment;
  if (isPaid) return 'paid';
  const gateway = gatewayOf(provider);
  const state = gateway ? await gateway.query(payId, { close: true }) : ({ state: 'unknown' } as const);
  if (state.state === 'paid') {
    for (const { amount, transactionId } of state.notices) {
      const command = { type: 'RecordNotice', provider, transactionId, amount, at: clock.now() };
      const recorded = await ask(command);
      if (recorded.outcome !== 'ok' && recorded.outcome !== 'refused') return 'not now';
    }
    const again = await ask({ type: 'FindPayment' });
    if (again.outcome !== 'ok') return 'not now';
    if ((again.data as Payment).isPaid) return 'paid';
  }
  // Money that was not what is due goes back, and the payment is as open as if nothing had come.
  const closed = await ask({ type: 'ClosePayment', at: clock.now() } as { type: string });
  return closed.outcome === 'ok' ? 'closed' : 'not now';
}
