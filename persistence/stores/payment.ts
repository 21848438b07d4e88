// Payments: whole rows by version, a transaction inserted only with its payment's change and the change only
// with its transaction, so that neither can be there without the other (R4, R13).
import { transactionKey } from '../../actors/domain/ids';
import type { Payment, PaymentFact, RecordedTransaction, Transaction } from '../../actors/domain/payment';
import { eventsOfPayment } from '../../actors/domain/payment-events';
import type { Store } from '../../actors/domain/ports';
import { arraysOf, namesOf, unnest, type Column } from './batch-columns';
import { loadPayments, loadRecorded } from './payment-rows';
import { versionedStatement, versionedStore, type Change, type VersionedStoreParts } from './versioned-store';

interface Created {
  readonly after: Payment;
  readonly shard: number;
}

interface Updated {
  readonly after: Payment;
  readonly expectedVersion: number;
  /** The transaction that must be new for this change to stand. */
  readonly newTransaction: string | undefined;
}

const CREATED: readonly Column<Created>[] = [
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId },
  { name: 'order_id', type: 'bigint', value: ({ after }) => after.orderId },
  { name: 'pay_amount', type: 'numeric', value: ({ after }) => after.amount },
  { name: 'provider', type: 'text', value: ({ after }) => after.provider },
  { name: 'create_time', type: 'timestamptz', value: ({ after }) => after.createTime },
  { name: 'shard', type: 'int', value: ({ shard }) => shard },
];

const UPDATES: readonly Column<Updated>[] = [
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId },
  { name: 'expected_version', type: 'int', value: ({ expectedVersion }) => expectedVersion },
  { name: 'new_transaction', type: 'text', value: ({ newTransaction }) => newTransaction },
  { name: 'version', type: 'int', value: ({ after }) => after.version },
  { name: 'is_paid', type: 'smallint', value: ({ after }) => (after.isPaid ? 2 : 1) },
  { name: 'pay_time', type: 'timestamptz', value: ({ after }) => after.payTime },
  { name: 'closed_time', type: 'timestamptz', value: ({ after }) => after.closedTime },
];

interface Movement {
  readonly payment: Payment;
  readonly transaction: Transaction;
  readonly isNew: boolean;
}

const MOVEMENTS: readonly Column<Movement>[] = [
  { name: 'provider', type: 'text', value: ({ payment }) => payment.provider },
  { name: 'transaction_id', type: 'text', value: ({ transaction }) => transaction.transactionId },
  { name: 'pay_id', type: 'bigint', value: ({ payment }) => payment.payId },
  { name: 'amount', type: 'numeric', value: ({ transaction }) => transaction.amount },
  { name: 'state', type: 'text', value: ({ transaction }) => transaction.state },
  { name: 'reason', type: 'text', value: ({ transaction }) => transaction.reason },
  { name: 'create_time', type: 'timestamptz', value: ({ transaction }) => transaction.createTime },
  { name: 'refund_time', type: 'timestamptz', value: ({ transaction }) => transaction.refundTime },
  { name: 'is_new', type: 'boolean', value: ({ isNew }) => isNew },
];

const STORED = MOVEMENTS.slice(0, -1);

const UPDATES_FROM = 1 + CREATED.length;
const MOVEMENTS_FROM = UPDATES_FROM + UPDATES.length;

const WRITE = versionedStatement(
  'payment-write',
  `
  created as (
    insert into trade_pay (${namesOf(CREATED)})
    select ${namesOf(CREATED)} from ${unnest(CREATED, 1, 'c')}
    on conflict do nothing returning pay_id),
  movements as (select * from ${unnest(MOVEMENTS, MOVEMENTS_FROM, 'm')}),
  -- The rows are locked at the version that was read before anything is inserted for them.
  locked as (
    select u.* from ${unnest(UPDATES, UPDATES_FROM, 'u')}
    join trade_pay p on p.pay_id = u.pay_id and p.version = u.expected_version
    where p.pay_id = any($${UPDATES_FROM}::bigint[])
    order by u.pay_id for update of p),
  recorded as (
    insert into trade_pay_transaction (${namesOf(STORED)})
    select ${namesOf(STORED)} from movements where is_new and pay_id in (select pay_id from locked)
    -- Two nodes that are told the same ones at once wait for each other and never deadlock.
    order by provider, transaction_id
    on conflict do nothing returning transaction_id, pay_id),
  updated as (
    update trade_pay p
    set version = l.version, is_paid = l.is_paid, pay_time = l.pay_time, closed_time = l.closed_time
    from locked l
    where p.pay_id = l.pay_id and (l.new_transaction is null
      or exists (select from recorded r where r.pay_id = l.pay_id and r.transaction_id = l.new_transaction))
    returning p.pay_id),
  moved as (
    update trade_pay_transaction t
    set state = m.state, reason = m.reason, refund_time = m.refund_time
    from movements m
    where not m.is_new and t.provider = m.provider and t.transaction_id = m.transaction_id
      and m.pay_id in (select pay_id from updated)),
  changed as (select pay_id as id from created union all select pay_id from updated)`,
  CREATED.length + UPDATES.length + MOVEMENTS.length,
);

export const createPaymentStore = (
  parts: VersionedStoreParts,
): Store<Payment, PaymentFact, RecordedTransaction> =>
  versionedStore<Payment, PaymentFact, RecordedTransaction>(parts, {
    statement: WRITE,
    changesOf: (changes) => rowsOf(changes, parts.shardOf),
    eventsOf: eventsOfPayment,
    keysOf: ({ facts, after }) =>
      facts.flatMap((fact) =>
        fact.type === 'TransactionRecorded'
          ? [transactionKey(after?.provider ?? '', fact.transaction.transactionId)]
          : [],
      ),
    states: loadPayments,
    records: loadRecorded,
  });

function rowsOf(
  changes: readonly Change<Payment, PaymentFact>[],
  shardOf: (id: string) => number,
): unknown[] {
  const created: Created[] = [];
  const updated: Updated[] = [];
  const movements: Movement[] = [];
  for (const { id, facts, before, after } of changes) {
    const moved = facts.flatMap((fact) => movementOf(fact, after));
    movements.push(...moved);
    if (!before) created.push({ after, shard: shardOf(id) });
    else {
      const newTransaction = moved.find((movement) => movement.isNew)?.transaction.transactionId;
      updated.push({ after, expectedVersion: before.version, newTransaction });
    }
  }
  return [...arraysOf(CREATED, created), ...arraysOf(UPDATES, updated), ...arraysOf(MOVEMENTS, movements)];
}

/** The transaction that a fact records or moves, as it stands after the decision. */
function movementOf(fact: PaymentFact, payment: Payment): readonly Movement[] {
  if (fact.type !== 'TransactionRecorded' && fact.type !== 'TransactionChanged') return [];
  const isNew = fact.type === 'TransactionRecorded';
  const transactionId = isNew ? fact.transaction.transactionId : fact.transactionId;
  const transaction = payment.transactions.find((one) => one.transactionId === transactionId);
  return transaction ? [{ payment, transaction, isNew }] : [];
}
