// Payments, the platforms' transactions, and the payment log.
import { bigint, int, money, now, optional, primary, small, table, text, time } from './table';

export const tradePay = table(
  'trade_pay',
  {
    payId: bigint('pay_id', primary),
    orderId: bigint('order_id'),
    payAmount: money('pay_amount'),
    isPaid: small('is_paid', { default: 1 }),
    version: int('version', { default: 1 }),
    shard: int('shard', { default: 0 }),
    provider: text('provider', { default: 'sandbox' }),
    createTime: time('create_time', now),
    payTime: time('pay_time', optional),
    closedTime: time('closed_time', optional),
  },
  {
    checks: { is_paid_check: 'is_paid in (1, 2)' },
    indices: [{ name: 'trade_pay_order', columns: ['orderId'] }],
  },
);

export const tradePayTransaction = table(
  'trade_pay_transaction',
  {
    provider: text('provider', primary),
    transactionId: text('transaction_id', primary),
    payId: bigint('pay_id'),
    amount: money('amount'),
    state: text('state'),
    reason: text('reason', { default: '' }),
    createTime: time('create_time', now),
    refundTime: time('refund_time', optional),
  },
  {
    checks: {
      state_check: "state in ('booked', 'refund due', 'requested', 'refunded', 'failed', 'mismatch')",
    },
    indices: [
      { name: 'trade_pay_transaction_pay', columns: ['payId'] },
      {
        name: 'trade_pay_transaction_open',
        columns: ['state'],
        where: "state not in ('booked', 'refunded')",
      },
    ],
  },
);

export const tradePayLog = table('trade_pay_log', {
  payId: bigint('pay_id', primary),
  orderId: bigint('order_id'),
  payAmount: money('pay_amount'),
  logTime: time('log_time', now),
});
