// The steps of a joint commit as the commands that they carry out: in the histories they are what the saga, or a group of
// the event, would ask.
import type { Booking, BookingStep } from '../../../actors/domain/booking';
import { ok, type Envelope } from '../../../actors/domain/envelope';
import { isElsewhere, type Joint, type JointStep } from '../../../actors/domain/joint';
import type { StepAsked } from './history';

/** What an order that is placed asks; one that is elsewhere has asked it by a command. */
export function stepAsked(step: JointStep, joint: Joint): StepAsked | undefined {
  if (isElsewhere(joint)) return undefined;
  const { id: orderId } = joint;
  const [fact] = step.entry.facts;
  if (step.kind === 'goods' && fact?.type === 'StockTaken') {
    return take({ type: 'TakeStock', orderId, quantity: fact.quantity, price: step.entry.before?.price });
  }
  if (step.kind === 'wallet' && fact?.type === 'MoneyTaken') {
    return take({ type: 'TakeMoney', orderId, amount: fact.amount });
  }
  if (step.kind === 'coupon' && fact?.type === 'CouponUsed') {
    const { userId, price } = step.entry.before ?? {};
    return take({ type: 'UseCoupon', orderId, userId, at: fact.at }, { price });
  }
  throw new Error(`an order does not take ${fact?.type} of ${step.kind} ${step.entry.id}`);
}

/** What a payment that is booked asks of the wallet; only goods, wallets and coupons are judged by their histories. */
export function bookingAsked({ kind }: BookingStep, { id: payId, after }: Booking): StepAsked | undefined {
  if (kind !== 'wallet') return undefined;
  const command = { type: 'AddPoints', payId, amount: after?.amount };
  return { command, answer: ok({}) };
}

const take = <Command extends Envelope['command']>(command: Command, data = {}) => ({
  command,
  answer: ok(data),
});
