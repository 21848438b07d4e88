// pay_status: order paid, points, log. Each group asks the payment whether money is there and the order whether
// it takes it; a payment that the order does not take goes back to the customer (R1, R13, faults 12 and 13).
import { addPoints, markPaid, writePayLog } from '../../actors/domain/booking';
import type { Ask } from '../../actors/domain/decision';
import type { InboxClaim } from '../../actors/domain/envelope';
import type { GroupName } from '../../actors/domain/events';
import { id, type PayId } from '../../actors/domain/ids';
import type { Order } from '../../actors/domain/order-state';
import type { Payment } from '../../actors/domain/payment';
import type { Clock } from '../../actors/domain/ports/clock';
import type { Router } from '../../actors/domain/ports/router';
import { idText } from '../../actors/domain/schemas';
import { outcomeOf, unresolved, type EventHandler, type PartOutcome } from '../resolution';

type StatusGroup = Extract<GroupName, `pay_payTopic_${'order' | 'user' | 'log'}_group`>;

/** A group's effect, once the order is paid by this payment. Without one, marking the order was all. */
type Effect = (payment: Payment, order: Order, claim: InboxClaim, attempt: number) => Promise<PartOutcome>;

/** The handlers of the three groups of pay_status. */
export function payStatusHandlers(router: Router, clock: Clock): Readonly<Record<StatusGroup, EventHandler>> {
  const handler = (effect: Effect | undefined): EventHandler => ({
    keysOf: (body) => [idText(body['payId'] as string | number)],
    async resolve(body) {
      const payId = id<PayId>(idText(body['payId'] as string | number));
      const answer = await router.ask({
        kind: 'payment',
        id: payId,
        command: { type: 'FindPayment' },
        key: payId,
        attempt: 1,
      });
      if (answer.outcome !== 'ok') return unresolved(answer, ['SHOP_PAYMENT_NOT_FOUND']);
      const payment = answer.data as Payment;
      // Nothing was paid yet, whatever the event says. A closed payment that is not paid stays so for good.
      if (!payment.isPaid && payment.closedTime === undefined) return { resolved: 'ignored' };
      return {
        resolved: 'parts',
        parts: [{ key: payId, run: (claim, attempt) => settle(payment, effect, claim, attempt) }],
      };
    },
  });

  const settle = async (
    payment: Payment,
    effect: Effect | undefined,
    claim: InboxClaim,
    attempt: number,
  ): Promise<PartOutcome> => {
    const { payId } = payment;
    if (!payment.isPaid) return { part: 'without-effect' };
    const marked = await router.ask({
      ...sent(markPaid(payment, clock.now()), attempt),
      ...(effect ? {} : { inbox: claim }),
    });
    if (marked.outcome === 'ok')
      return effect ? effect(payment, marked.data as Order, claim, attempt) : { part: 'done' };
    if (marked.outcome !== 'refused' || marked.code === 'SHOP_ORDER_NO_EXIST') return outcomeOf(marked);
    const command = { type: 'RejectPayment', reason: marked.code, at: clock.now() };
    const rejected = await router.ask({ kind: 'payment', id: payId, command, key: payId, attempt });
    return rejected.outcome === 'ok' ? { part: 'without-effect' } : outcomeOf(rejected);
  };

  const carriedOut = async (ask: Ask, claim: InboxClaim, attempt: number): Promise<PartOutcome> =>
    outcomeOf(await router.ask({ ...sent(ask, attempt), inbox: claim }));

  return {
    pay_payTopic_order_group: handler(undefined),
    pay_payTopic_user_group: handler((payment, order, claim, attempt) =>
      carriedOut(addPoints(payment, order), claim, attempt),
    ),
    pay_payTopic_log_group: handler((payment, _order, claim, attempt) =>
      carriedOut(writePayLog(payment), claim, attempt),
    ),
  };
}

const sent = ({ to, command, key }: Ask, attempt: number) => ({ ...to, command, key, attempt });
