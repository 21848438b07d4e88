import { given } from '../../test/helpers/given';
import { AT } from '../../test/helpers/orders';
import type { Code } from './codes';
import { id, type OrderId, type PayId } from './ids';
import { money } from './money';
import { paymentDecider, type Payment, type PaymentCommand } from './payment';
import { eventsOfPayment } from './payment-events';

const payId = id<PayId>('8');
const orderId = id<OrderId>('7');
const amount = money('4780');
const create: PaymentCommand = { type: 'CreatePayment', payId, orderId, amount, provider: 'sandbox', at: AT };
const notice = (
  changes: Partial<Extract<PaymentCommand, { type: 'RecordNotice' }>> = {},
): PaymentCommand => ({
  type: 'RecordNotice',
  provider: 'sandbox',
  transactionId: 't1',
  amount,
  orderId,
  at: AT,
  ...changes,
});
const after = (...commands: PaymentCommand[]): Payment | undefined =>
  commands.reduce<Payment | undefined>(
    (state, command) => given(paymentDecider, state).when(command).state(),
    undefined,
  );
const states = (payment: Payment | undefined) => payment?.transactions.map(({ state }) => state);

test('money that fits is booked, and pay_status leaves with the transition to paid only', () => {
  const open = after(create);
  const { decision, state } = given(paymentDecider, open).when(notice());
  const payment = state();
  expect(payment).toMatchObject({ isPaid: true, payTime: AT, transactions: [{ state: 'booked' }] });
  if (decision.kind !== 'accept' || !payment) throw new Error('booked');
  expect(decision.facts.flatMap((fact) => eventsOfPayment(fact, payment))).toMatchObject([
    { tag: 'pay_status', key: payId },
  ]);
});

test('the same notice again changes nothing', () => {
  given(paymentDecider, after(create, notice())).when(notice()).thenUnchanged();
});

const saved: [string, PaymentCommand[], PaymentCommand, string][] = [
  ['fault 10: a wrong amount', [create], notice({ amount: money('1') }), 'mismatch'],
  ['another order', [create], notice({ orderId: id<OrderId>('9') }), 'mismatch'],
  ['fault 13: a second transaction', [create, notice()], notice({ transactionId: 't2' }), 'refund due'],
  ['a closed payment', [create, { type: 'ClosePayment', at: AT }], notice(), 'refund due'],
  [
    'fault 12: a payment that its order did not take',
    [create, notice(), { type: 'RejectPayment', reason: 'x', at: AT }],
    notice({ transactionId: 't2' }),
    'refund due',
  ],
];
test.each(saved)('R13: %s is saved, and goes back', (_what, before, command, state) => {
  const { decision, state: next } = given(paymentDecider, after(...before)).when(command);
  const payment = next();
  expect(payment?.transactions.at(-1)).toMatchObject({ state });
  if (decision.kind !== 'accept' || !payment) throw new Error('saved');
  expect(decision.facts.flatMap((fact) => eventsOfPayment(fact, payment))).toMatchObject([
    { tag: 'pay_refund' },
  ]);
});

test('a payment that its order does not take is not paid any more, and its money goes back', () => {
  const rejected = after(create, notice(), { type: 'RejectPayment', reason: 'cancelled', at: AT });
  expect(rejected).toMatchObject({
    isPaid: false,
    closedTime: AT,
    transactions: [{ state: 'refund due', reason: 'cancelled' }],
  });
  given(paymentDecider, rejected)
    .when({ type: 'RejectPayment', reason: 'cancelled', at: AT })
    .thenUnchanged();
});

test('a refund goes its way once', () => {
  const due = after(create, notice(), { type: 'RefundPayment', reason: 'refunded' });
  expect(due).toMatchObject({ isPaid: true, transactions: [{ state: 'refund due' }] });
  const refundedOnce = after(
    create,
    notice(),
    { type: 'RefundPayment', reason: 'refunded' },
    { type: 'StartRefund', transactionId: 't1' },
    { type: 'FinishRefund', transactionId: 't1', at: AT },
  );
  expect(states(refundedOnce)).toEqual(['refunded']);
  for (const type of ['StartRefund', 'FailRefund'] as const) {
    given(paymentDecider, refundedOnce).when({ type, transactionId: 't1' }).thenUnchanged();
  }
  given(paymentDecider, refundedOnce).when({ type: 'RefundPayment', reason: 'again' }).thenUnchanged();
});

const refusals: [string, PaymentCommand[], PaymentCommand, Code][] = [
  ['an unknown payment is never answered with success', [], notice(), 'SHOP_PAYMENT_NOT_FOUND'],
  [
    'a known transaction with another amount',
    [create, notice()],
    notice({ amount: money('1') }),
    'SHOP_PAYMENT_TRANSACTION_CONFLICT',
  ],
  ['no money at all', [create], notice({ amount: money('0') }), 'SHOP_PAYMENT_AMOUNT_INVALID'],
  ['another platform', [create], notice({ provider: 'other' }), 'SHOP_PAYMENT_NOT_FOUND'],
  [
    'R1: a refund of what is booked',
    [create, notice()],
    { type: 'StartRefund', transactionId: 't1' },
    'SHOP_PAYMENT_PAY_ERROR',
  ],
  [
    'a refund of an unknown transaction',
    [create],
    { type: 'StartRefund', transactionId: 't9' },
    'SHOP_PAYMENT_NOT_FOUND',
  ],
  ['another amount under the same id', [create], { ...create, amount: money('1') }, 'SHOP_PAYMENT_PAY_ERROR'],
];
test.each(refusals)('refuses %s', (_what, before, command, code) => {
  given(paymentDecider, after(...before))
    .when(command)
    .thenRefused(code);
});

test("another payment's transaction is refused once it is looked up", () => {
  given(paymentDecider, after(create), { payId: id<PayId>('9') })
    .when(notice())
    .thenRefused('SHOP_PAYMENT_TRANSACTION_CONFLICT');
});
