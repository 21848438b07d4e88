// Reading payments: rows to states.
import { money } from '../../actors/domain/money';
import type { Payment, RecordedTransaction, Transaction } from '../../actors/domain/payment';
import type { Queryable, Statement } from '../session';
import { isoUtc } from './iso-utc';

interface PaymentRow {
  readonly pay_id: string;
  readonly order_id: string;
  readonly pay_amount: string;
  readonly is_paid: 1 | 2;
  readonly version: number;
  readonly provider: string;
  readonly create_time: string;
  readonly pay_time: string | null;
  readonly closed_time: string | null;
  readonly transactions: readonly TransactionRow[] | null;
}

interface TransactionRow {
  readonly transaction_id: string;
  readonly amount: string;
  readonly state: Transaction['state'];
  readonly reason: string;
  readonly create_time: string;
  readonly refund_time: string | null;
}

/** One statement, so that a payment is never seen without the transactions of its version. */
const LOAD_PAYMENTS: Statement = {
  name: 'payment-load',
  text: `
  select pay_id::text as pay_id, order_id::text as order_id, pay_amount::text as pay_amount, is_paid, version, provider,
    ${isoUtc('create_time')}, ${isoUtc('pay_time')}, ${isoUtc('closed_time')},
    (select json_agg(t order by t.create_time, t.transaction_id) from (
      select transaction_id, amount::text, state, reason, ${isoUtc('m.create_time', 'create_time')},
        ${isoUtc('refund_time')}
      from trade_pay_transaction m where m.pay_id = p.pay_id) t) as transactions
  from trade_pay p where pay_id = any($1::bigint[])`,
};

/** @see transactionKey */
const LOAD_RECORDED: Statement = {
  name: 'payment-load-recorded',
  text: `
  select asked.key, t.pay_id::text as "payId" from unnest($1::text[]) as asked(key) cross join lateral (
    select pay_id from trade_pay_transaction
    where provider = split_part(asked.key, ':', 1) and transaction_id = substr(asked.key, strpos(asked.key, ':') + 1)
    limit 1) t`,
};

export async function loadPayments(
  reader: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Payment>> {
  const rows = await reader.query<PaymentRow>(LOAD_PAYMENTS, [ids]);
  return new Map(rows.map((row) => [row.pay_id, paymentOf(row)]));
}

/** @param keys `<provider>:<transactionId>` */
export async function loadRecorded(
  reader: Queryable,
  keys: readonly string[],
): Promise<ReadonlyMap<string, RecordedTransaction>> {
  const rows = await reader.query<RecordedTransaction & { readonly key: string }>(LOAD_RECORDED, [keys]);
  return new Map(rows.map(({ key, payId }) => [key, { payId }]));
}

const transactionOf = (row: TransactionRow): Transaction => ({
  transactionId: row.transaction_id,
  amount: money(row.amount),
  state: row.state,
  reason: row.reason,
  createTime: row.create_time,
  refundTime: row.refund_time ?? undefined,
});

const paymentOf = (row: PaymentRow): Payment => ({
  payId: row.pay_id as Payment['payId'],
  orderId: row.order_id as Payment['orderId'],
  amount: money(row.pay_amount),
  isPaid: row.is_paid === 2,
  version: row.version,
  provider: row.provider,
  createTime: row.create_time,
  payTime: row.pay_time ?? undefined,
  closedTime: row.closed_time ?? undefined,
  transactions: (row.transactions ?? []).map(transactionOf),
});
