// The statements of persistence/stores/payment.ts and payment-rows.ts.
import { amount, arrayOf, batch, flag, int, text, textOrNull } from '../batch';
import type { PayRow, TransactionRow } from '../rows';
import { keyOf, type ShopTables } from '../tables';
import { finishVersioned } from './events';
import type { Statements } from './statement';

const CREATED = batch({
  pay_id: text,
  order_id: text,
  pay_amount: amount,
  provider: text,
  create_time: text,
  shard: int,
});

const UPDATES = batch({
  pay_id: text,
  expected_version: int,
  new_transaction: textOrNull,
  version: int,
  is_paid: int,
  pay_time: textOrNull,
  closed_time: textOrNull,
});

export const TRANSACTIONS = {
  provider: text,
  transaction_id: text,
  pay_id: text,
  amount,
  state: text,
  reason: text,
  create_time: text,
  refund_time: textOrNull,
};

const MOVEMENTS = batch({ ...TRANSACTIONS, is_new: flag });

const UPDATES_FROM = 1 + CREATED.width;
const MOVEMENTS_FROM = UPDATES_FROM + UPDATES.width;
const WIDTH = CREATED.width + UPDATES.width + MOVEMENTS.width;

function write(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const { payments, transactions } = tables;
  const movements = MOVEMENTS.rows(values, MOVEMENTS_FROM);
  const locked = UPDATES.rows(values, UPDATES_FROM).flatMap((update) => {
    const payment = payments.get(update.pay_id);
    return payment?.version === update.expected_version ? [{ update, payment }] : [];
  });
  const changed = new Set<string>();
  for (const row of CREATED.rows(values, 1)) {
    const unpaid = { is_paid: 1, version: 1, pay_time: null, closed_time: null } as const;
    if (payments.insertOrSkip({ ...row, ...unpaid })) changed.add(row.pay_id);
  }
  const moving = movements.filter(({ is_new: isNew }) => !isNew);
  const standing = new Map(
    moving.map((movement) => [movement, transactions.get(transactionKeyOf(movement))]),
  );

  const lockedIds = new Set(locked.map(({ update }) => update.pay_id));
  const recorded = new Set<string>();
  for (const { is_new: isNew, ...movement } of movements) {
    if (!isNew || !lockedIds.has(movement.pay_id)) continue;
    if (transactions.insertOrSkip(movement as TransactionRow)) {
      recorded.add(keyOf(movement.pay_id, movement.transaction_id));
    }
  }
  const updated = new Set<string>();
  for (const { update, payment } of locked) {
    const { expected_version: _expected, new_transaction: needed, ...columns } = update;
    if (needed !== null && !recorded.has(keyOf(update.pay_id, needed))) continue;
    payments.replace({ ...payment, ...columns } as PayRow);
    updated.add(update.pay_id);
    changed.add(update.pay_id);
  }
  for (const [movement, transaction] of standing) {
    if (!transaction || !updated.has(movement.pay_id)) continue;
    const { state, reason, refund_time } = movement;
    transactions.replace({ ...transaction, state, reason, refund_time } as TransactionRow);
  }
  return finishVersioned(tables, values, WIDTH, changed);
}

const transactionKeyOf = (row: { provider: string; transaction_id: string }): string =>
  keyOf(row.provider, row.transaction_id);

const load = ({ payments, transactions }: ShopTables, values: readonly unknown[]): readonly object[] =>
  arrayOf(values[0]).flatMap((id) => {
    const payment = payments.get(id ?? '');
    if (!payment) return [];
    const own = transactions.where((transaction) => transaction.pay_id === id).sort(byTime);
    return [{ ...payment, transactions: own.length === 0 ? null : own }];
  });

const byTime = (left: TransactionRow, right: TransactionRow): number =>
  compareTexts(left.create_time, right.create_time) ||
  compareTexts(left.transaction_id, right.transaction_id);

const compareTexts = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** Keys are `<provider>:<transactionId>`. */
const loadRecorded = ({ transactions }: ShopTables, values: readonly unknown[]): readonly object[] =>
  arrayOf(values[0]).flatMap((key) => {
    const [provider = '', ...rest] = (key ?? '').split(':');
    const found = transactions.get(keyOf(provider, rest.join(':')));
    return found ? [{ key, payId: found.pay_id }] : [];
  });

export const PAYMENT: Statements = {
  'payment-write': write,
  'payment-load': load,
  'payment-load-recorded': loadRecorded,
};
