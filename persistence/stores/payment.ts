// Payments: whole rows by version, a transaction inserted only with its payment's change and the change only
// with its transaction, so that neither can be there without the other (R4, R13).
import { transactionKey } from '../../actors/domain/ids';
import type { Payment, PaymentFact, RecordedTransaction } from '../../actors/domain/payment';
import { eventsOfPayment } from '../../actors/domain/payment-events';
import type { Store } from '../../actors/domain/ports/store';
import { arraysOf, namesOf, unnest, type Column } from './batch-columns';
import {
  MOVEMENTS,
  movementOf,
  newTransactionOf,
  STORED,
  UPDATES,
  type Movement,
  type Updated,
} from './payment-columns';
import { loadPayments, loadRecorded } from './payment-rows';
import { versionedStatement, versionedStore, type Change, type VersionedStoreParts } from './versioned-store';

interface Created {
  readonly after: Payment;
  readonly shard: number;
}

const CREATED: readonly Column<Created>[] = [
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId },
  { name: 'order_id', type: 'bigint', value: ({ after }) => after.orderId },
  { name: 'pay_amount', type: 'numeric', value: ({ after }) => after.amount },
  { name: 'provider', type: 'text', value: ({ after }) => after.provider },
  { name: 'create_time', type: 'timestamptz', value: ({ after }) => after.createTime },
  { name: 'shard', type: 'int', value: ({ shard }) => shard },
];

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
    else updated.push({ after, expectedVersion: before.version, newTransaction: newTransactionOf(moved) });
  }
  return [...arraysOf(CREATED, created), ...arraysOf(UPDATES, updated), ...arraysOf(MOVEMENTS, movements)];
}
