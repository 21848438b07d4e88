// Faults of payments: money that is booked twice, dropped, or sent back twice.
import type { Mutation } from '../mutation';

const PAYMENT = 'actors/domain/payment.ts';

export const paymentMutations: readonly Mutation[] = [
  {
    name: 'second-payment-booked',
    breaks: 'fault 13: an order that is paid by one payment is marked paid by another',
    file: 'actors/domain/order.ts',
    find: "return order.payId === command.payId ? unchanged(ok(order)) : reject('SHOP_PAYMENT_IS_PAID');",
    replace: 'return unchanged(ok(order));',
    unseen: 'nobody calls a payment off at the simulated platform, so no order has two that can be paid',
  },
  {
    name: 'second-transaction-booked',
    breaks: 'R13: money that comes twice is booked twice',
    file: PAYMENT,
    find: "if (payment.isPaid) return accept([transaction('refund due', 'the payment is paid')], ok(payment));",
    replace: '',
  },
  {
    name: 'wrong-amount-kept',
    breaks: 'R13: money of a wrong amount is never sent back',
    file: 'actors/domain/payment-events.ts',
    find: "return fact.transaction.state === 'booked' ? [] : [refund(payment, fact.transaction)];",
    replace: "return fact.transaction.state === 'refund due' ? [refund(payment, fact.transaction)] : [];",
  },
  {
    name: 'unwanted-money-kept',
    breaks: 'R13: money that the order does not take stays booked',
    file: 'supervisors/handlers/pay-status.ts',
    find: "if (marked.outcome !== 'refused' || marked.code === 'SHOP_ORDER_NO_EXIST') return outcomeOf(marked);",
    replace:
      "if (marked.outcome === 'refused') return { part: 'without-effect' };\n    if (marked.code === '') return outcomeOf(marked);",
  },
  {
    name: 'refund-said-before-done',
    breaks: 'R13: a refund that the platform did not take counts as sent back',
    file: 'supervisors/handlers/pay-refund.ts',
    find: "return error instanceof RetryableError ? { part: 'wait', reason: remark } : { part: 'failed', remark };",
    replace: "return error instanceof RetryableError ? undefined : { part: 'failed', remark };",
  },
  {
    name: 'refund-under-another-key',
    breaks: 'R13: each attempt of a refund is another one for the platform',
    file: 'supervisors/handlers/pay-refund.ts',
    find: 'transactionId: transaction.transactionId, amount: transaction.amount });',
    replace: 'transactionId: `${transaction.transactionId}-${clock.nowMs()}`, amount: transaction.amount });',
  },
  {
    name: 'callback-answered-before-saved',
    breaks: 'R13: the platform is told success although nothing was saved',
    file: 'actors/front-door/payments.ts',
    find: "if (answer.outcome !== 'ok') return replyOf(answer, presentPayment);",
    replace: "if (answer.outcome !== 'ok') return { code: 'SHOP_SUCCESS', literal: gateway.successLiteral };",
  },
  {
    name: 'closed-without-asking',
    breaks: 'R16: an unpaid order ends without a question at the platform, which had the money',
    file: 'actors/close-payment.ts',
    find: 'const state = gateway ? await gateway.query(payId, { close: true })',
    replace: "const state = payId === '' && gateway ? await gateway.query(payId, { close: true })",
  },
];
