// Reading payments: rows to states.
import { money } from '../../actors/domain/money';
import type { Payment, Transaction } from '../../actors/domain/payment';
import type { Statement } from '../session';
import { isoUtc } from './iso-utc';

export interface PaymentRow {
  readonly pay_id: string;
  readonly order_id: string;
  readonly pay_amount: string;
  readonly is_paid: 1 | 2;
  readonly version: number;
  readonly provider: string;
  readonly create_time: string;
  readonly pay_time: string | null;
  readonly closed_time: string | null;
}

export interface TransactionRow {
  readonly transaction_id: string;
  readonly pay_id: string;
  readonly amount: string;
  readonly state: Transaction['state'];
  readonly reason: string;
  readonly create_time: string;
  readonly refund_time: string | null;
}

export const LOAD_PAYMENTS: Statement = {
  name: 'payment-load',
  text: `select pay_id, order_id, pay_amount, is_paid, version, provider,
      ${isoUtc('create_time')}, ${isoUtc('pay_time')}, ${isoUtc('closed_time')}
    from trade_pay where pay_id = any($1::bigint[])`,
};

export const LOAD_TRANSACTIONS: Statement = {
  name: 'payment-load-transactions',
  text: `select transaction_id, t.pay_id, amount, state, reason,
      ${isoUtc('t.create_time', 'create_time')}, ${isoUtc('refund_time')}
    from trade_pay_transaction t join trade_pay p on p.pay_id = t.pay_id and p.provider = t.provider
    where t.pay_id = any($1::bigint[]) order by t.create_time, transaction_id`,
};

/** @see transactionKey */
export const LOAD_BY_KEY: Statement = {
  name: 'payment-load-by-transaction',
  text: `select provider || ':' || transaction_id as key, pay_id from trade_pay_transaction
    where (provider, transaction_id) in (
      select split_part(k, ':', 1), substr(k, strpos(k, ':') + 1) from unnest($1::text[]) as k)`,
};

export const transactionOf = (row: TransactionRow): Transaction => ({
  transactionId: row.transaction_id,
  amount: money(row.amount),
  state: row.state,
  reason: row.reason,
  createTime: row.create_time,
  refundTime: row.refund_time ?? undefined,
});

export const paymentOf = (row: PaymentRow, transactions: readonly Transaction[]): Payment => ({
  payId: row.pay_id as Payment['payId'],
  orderId: row.order_id as Payment['orderId'],
  amount: money(row.pay_amount),
  isPaid: row.is_paid === 2,
  version: row.version,
  provider: row.provider,
  createTime: row.create_time,
  payTime: row.pay_time ?? undefined,
  closedTime: row.closed_time ?? undefined,
  transactions,
});
