// An open payment is closed at its platform before it is closed here, so that nobody pays for nothing; money that
// turns out to be there already is saved first, for a platform whose callback was lost still answers (R13, R16).
import type { Answer } from './domain/envelope';
import { TerminalError } from './domain/errors';
import type { PayId } from './domain/ids';
import type { Payment, PaymentCommand } from './domain/payment';
import type { Clock } from './domain/ports/clock';
import type { PaymentGateway } from './domain/ports/payment-gateway';
import type { Router } from './domain/ports/router';

export interface ClosingParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly gatewayOf: (provider: string) => PaymentGateway | undefined;
}

/**
 * `closed`: whatever arrives from now on goes back. `paid`: what was due is there. `unknown`: an actor did not answer,
 * so it is to be tried again.
 */
export type Closing = 'closed' | 'paid' | 'unknown';

/** @throws RetryableError when the platform is away, TerminalError when it was never asked and none of that name is configured */
export async function closePayment(
  { router, clock, gatewayOf }: ClosingParts,
  payId: PayId,
): Promise<Closing> {
  const ask = (command: PaymentCommand, attempt = 1): Promise<Answer> =>
    router.ask({ kind: 'payment', id: payId, command, key: payId, attempt });
  const found = await ask({ type: 'FindPayment' });
  // The order opened it, and it was never made.
  if (found.outcome === 'refused') return 'closed';
  if (found.outcome !== 'ok') return 'unknown';
  const { isPaid, provider, closedTime } = found.data as Payment;
  if (isPaid) return 'paid';
  const gateway = gatewayOf(provider);
  // Whoever has paid there would never be heard of: a person has to bring the platform back, or to look there.
  if (!gateway && closedTime === undefined)
    throw new TerminalError(`no payment platform is configured under the name ${provider}`);
  const state = gateway ? await gateway.query(payId, { close: true }) : ({ state: 'unknown' } as const);
  if (state.state === 'paid') {
    for (const { amount, transactionId } of state.notices) {
      const recording = { type: 'RecordNotice', provider, transactionId, amount, at: clock.now() } as const;
      // The platform tells of what it has told of before.
      const recorded = await ask(recording, 2);
      if (recorded.outcome !== 'ok' && recorded.outcome !== 'refused') return 'unknown';
    }
  }
  // Money that was not what is due goes back, and the payment is as open as if nothing had come.
  const closed = await ask({ type: 'ClosePayment', at: clock.now() });
  if (closed.outcome !== 'ok') return 'unknown';
  return (closed.data as Payment).isPaid ? 'paid' : 'closed';
}
