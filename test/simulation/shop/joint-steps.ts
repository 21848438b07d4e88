// The steps of a joint commit as the commands that they carry out: in the histories they are what the saga would ask.
import { ok, type Answer, type Envelope } from '../../../actors/domain/envelope';
import type { JointStep } from '../../../actors/domain/joint';

/** @returns the command, and its answer if it was carried out */
export function stepAsked(
  step: JointStep,
  orderId: string,
): { readonly command: Envelope['command']; readonly answer: Answer } {
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

const take = <Command extends Envelope['command']>(command: Command, data = {}) => ({
  command,
  answer: ok(data),
});
