// pay_refund: money that could not be booked goes back, once a transaction, however often the event comes (R13).
import { id, type PayId } from '../../actors/domain/ids';
import { RetryableError } from '../../actors/domain/errors';
import type { Payment, PaymentCommand, Transaction } from '../../actors/domain/payment';
import type { Clock } from '../../actors/domain/ports/clock';
import type { PaymentGateway } from '../../actors/domain/ports/payment-gateway';
import type { Router } from '../../actors/domain/ports/router';
import { idText } from '../../actors/domain/schemas';
import { outcomeOf, unresolved, type EventHandler, type PartOutcome } from '../resolution';

/** @param gatewayOf the platform of that name, if it is configured */
export function payRefundHandler(
  router: Router,
  clock: Clock,
  gatewayOf: (provider: string) => PaymentGateway | undefined,
): EventHandler {
  const ask = (payId: PayId, command: PaymentCommand, extra: Partial<Parameters<Router['ask']>[0]> = {}) =>
    router.ask({ kind: 'payment', id: payId, command, key: payId, attempt: 1, ...extra });

  const bodyOf = (body: Readonly<Record<string, unknown>>) => ({
    payId: id<PayId>(idText(body['payId'] as string | number)),
    transactionId: body['transactionId'] as string,
  });

  return {
    keysOf: (body) => [bodyOf(body).transactionId],
    // Whoever names another's transaction, or one that is not there yet, must not use up the attempts of its refund.
    keyWhileUnknown(body) {
      const { payId, transactionId } = bodyOf(body);
      return `${payId}:${transactionId}`;
    },

    async resolve(body) {
      const { payId, transactionId } = bodyOf(body);
      const started = await ask(payId, { type: 'StartRefund', transactionId });
      if (started.outcome !== 'ok') return unresolved(started, ['SHOP_PAYMENT_NOT_FOUND']);
      const transaction = started.data as Transaction;
      const run = async (
        claim: Parameters<Router['ask']>[0]['inbox'],
        attempt: number,
      ): Promise<PartOutcome> => {
        const sent = await sendBack(payId, transaction);
        if (sent) return sent;
        const command = { type: 'FinishRefund', transactionId, at: clock.now() } as const;
        return outcomeOf(await ask(payId, command, { attempt, ...(claim ? { inbox: claim } : {}) }));
      };
      return { resolved: 'parts', parts: [{ key: transactionId, run }] };
    },

    async onParked(body) {
      const { payId, transactionId } = bodyOf(body);
      await ask(payId, { type: 'FailRefund', transactionId });
    },
  };

  /** @returns why it was not sent back; undefined if it was */
  async function sendBack(payId: PayId, transaction: Transaction): Promise<PartOutcome | undefined> {
    if (transaction.state === 'refunded') return undefined;
    const found = await ask(payId, { type: 'FindPayment' });
    if (found.outcome !== 'ok') return outcomeOf(found);
    const { provider } = found.data as Payment;
    const gateway = gatewayOf(provider);
    if (!gateway)
      return { part: 'failed', remark: `no payment platform is configured under the name ${provider}` };
    try {
      await gateway.refund({ payId, transactionId: transaction.transactionId, amount: transaction.amount });
      return undefined;
    } catch (error) {
      const remark = error instanceof Error ? error.message : String(error);
      // A platform that is away refuses nothing: it is waited for, and no attempt is burnt (R10).
      return error instanceof RetryableError ? { part: 'wait', reason: remark } : { part: 'failed', remark };
    }
  }
}
