// Payments: whole rows by version, a transaction inserted only with its payment's change and the change only
// with its transaction, so that neither can be there without the other (R4, R13).
import type { OutboxEvent } from '../../actors/domain/events';
import { transactionKey } from '../../actors/domain/ids';
import type { Payment, PaymentFact, RecordedTransaction, Transaction } from '../../actors/domain/payment';
import { eventsOfPayment } from '../../actors/domain/payment-events';
import type { Fate, Loaded, LoadRequest, OutboxRow, Store, StoreEntry } from '../../actors/domain/ports';
import type { Queryable, Statement } from '../session';
import { arraysOf, namesOf, unnest, type Column } from './batch-columns';
import {
  CLAIM_COLUMNS,
  claimKey,
  claimsOf,
  EVENT_COLUMNS,
  finishClaims,
  insertEvents,
  outboxRowsOf,
  type EventRow,
  type InsertedEvent,
} from './event-rows';
import {
  LOAD_BY_KEY,
  LOAD_PAYMENTS,
  LOAD_TRANSACTIONS,
  paymentOf,
  transactionOf,
  type PaymentRow,
  type TransactionRow,
} from './payment-rows';

export interface PaymentStoreParts {
  readonly writer: Queryable;
  readonly reader: Queryable;
  readonly now: () => string;
  readonly shardOf: (payId: string) => number;
  /** Takes the events of a flush as soon as it is committed. */
  readonly onEvents: (rows: readonly OutboxRow[]) => void;
}

type Entry = StoreEntry<Payment, PaymentFact>;

interface Change {
  readonly after: Payment;
  readonly expectedVersion: number;
  /** The transaction that must be new for this change to stand. */
  readonly newTransaction: string | undefined;
}

const CREATED: readonly Column<{ after: Payment; shard: number }>[] = [
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId },
  { name: 'order_id', type: 'bigint', value: ({ after }) => after.orderId },
  { name: 'pay_amount', type: 'numeric', value: ({ after }) => after.amount },
  { name: 'provider', type: 'text', value: ({ after }) => after.provider },
  { name: 'create_time', type: 'timestamptz', value: ({ after }) => after.createTime },
  { name: 'shard', type: 'int', value: ({ shard }) => shard },
];

const CHANGES: readonly Column<Change>[] = [
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId },
  { name: 'expected_version', type: 'int', value: ({ expectedVersion }) => expectedVersion },
  { name: 'new_transaction', type: 'text', value: ({ newTransaction }) => newTransaction ?? null },
  { name: 'version', type: 'int', value: ({ after }) => after.version },
  { name: 'is_paid', type: 'smallint', value: ({ after }) => (after.isPaid ? 2 : 1) },
  { name: 'pay_time', type: 'timestamptz', value: ({ after }) => after.payTime ?? null },
  { name: 'closed_time', type: 'timestamptz', value: ({ after }) => after.closedTime ?? null },
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
  { name: 'refund_time', type: 'timestamptz', value: ({ transaction }) => transaction.refundTime ?? null },
  { name: 'is_new', type: 'boolean', value: ({ isNew }) => isNew },
];

const STORED = MOVEMENTS.slice(0, -1);

const WRITE = ((): Statement => {
  const changes = 1 + CREATED.length;
  const movements = changes + CHANGES.length;
  const events = movements + MOVEMENTS.length;
  const claims = events + EVENT_COLUMNS.length;
  return {
    name: 'payment-write',
    text: `
with created as (
  insert into trade_pay (${namesOf(CREATED)})
  select ${namesOf(CREATED, 'c.')} from ${unnest(CREATED, 1, 'c')}
  on conflict do nothing returning pay_id),
movements as (select * from ${unnest(MOVEMENTS, movements, 'm')}),
-- The rows are locked at the version that was read before anything is inserted for them.
locked as (
  select u.* from ${unnest(CHANGES, changes, 'u')}
  join trade_pay p on p.pay_id = u.pay_id and p.version = u.expected_version
  order by u.pay_id for update of p),
recorded as (
  insert into trade_pay_transaction (${namesOf(STORED)})
  select ${namesOf(STORED, 'm.')} from movements m
  where m.is_new and m.pay_id in (select pay_id from locked)
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
changed as (select pay_id as id from created union all select pay_id from updated),
events as (${insertEvents(unnest(EVENT_COLUMNS, events, 'e'))}),
claims as (${finishClaims(unnest(CLAIM_COLUMNS, claims, 'c'))})
select id as pay_id, null::bigint as outbox_id, null as msg_topic, null as msg_tag, null as msg_key from changed
union all
select null, id, msg_topic, msg_tag, msg_key from events`,
  };
})();

type WriteRow = { readonly pay_id: string } | ({ readonly pay_id: null } & InsertedEvent);

export function createPaymentStore(
  parts: PaymentStoreParts,
): Store<Payment, PaymentFact, RecordedTransaction> {
  return {
    conflictKeys: ({ id, facts, inbox, after }: Entry) => [
      ...(facts.length > 0 ? [id] : []),
      ...facts.flatMap((fact) =>
        fact.type === 'TransactionRecorded'
          ? [transactionKey(after?.provider ?? '', fact.transaction.transactionId)]
          : [],
      ),
      ...(inbox ? [claimKey(inbox)] : []),
    ],
    load: (requests) => load(parts.reader, requests),
    write: (entries) => write(parts, entries),
  };
}

async function write(parts: PaymentStoreParts, entries: readonly Entry[]): Promise<readonly Fate[]> {
  const at = parts.now();
  const created: { after: Payment; shard: number }[] = [];
  const changes: Change[] = [];
  const movements: Movement[] = [];
  const events: EventRow[] = [];
  for (const { id, facts, before, after } of entries) {
    if (!after || facts.length === 0) continue;
    const moved = facts.flatMap((fact) => movementOf(fact, after));
    movements.push(...moved);
    if (!before) created.push({ after, shard: parts.shardOf(id) });
    else {
      const newTransaction = moved.find((movement) => movement.isNew)?.transaction.transactionId;
      changes.push({ after, expectedVersion: before.version, newTransaction });
    }
    for (const event of facts.flatMap((fact): readonly OutboxEvent[] => eventsOfPayment(fact, after))) {
      events.push({ entityId: id, event, at });
    }
  }
  const rows = await parts.writer.query<WriteRow>(WRITE, [
    ...arraysOf(CREATED, created),
    ...arraysOf(CHANGES, changes),
    ...arraysOf(MOVEMENTS, movements),
    ...arraysOf(EVENT_COLUMNS, events),
    ...arraysOf(CLAIM_COLUMNS, claimsOf(entries, at)),
  ]);
  const changed = new Set<string>();
  const inserted: InsertedEvent[] = [];
  for (const row of rows) {
    if (row.pay_id === null) inserted.push(row);
    else changed.add(row.pay_id);
  }
  if (inserted.length > 0) parts.onEvents(outboxRowsOf(inserted, events));
  return entries.map(({ id, facts }) => (facts.length === 0 || changed.has(id) ? 'applied' : 'conflict'));
}

/** The transaction that a fact records or moves, as it stands after the decision. */
function movementOf(fact: PaymentFact, payment: Payment): readonly Movement[] {
  if (fact.type !== 'TransactionRecorded' && fact.type !== 'TransactionChanged') return [];
  const isNew = fact.type === 'TransactionRecorded';
  const transactionId = isNew ? fact.transaction.transactionId : fact.transactionId;
  const transaction = payment.transactions.find((one) => one.transactionId === transactionId);
  return transaction ? [{ payment, transaction, isNew }] : [];
}

async function load(
  reader: Queryable,
  requests: readonly LoadRequest[],
): Promise<readonly Loaded<Payment, RecordedTransaction>[]> {
  const ids = [...new Set(requests.map((request) => request.id))];
  const keys = requests.flatMap(({ recordKey }) => (recordKey === undefined ? [] : [recordKey]));
  const [payments, transactions, byKey] = await Promise.all([
    reader.query<PaymentRow>(LOAD_PAYMENTS, [ids]),
    reader.query<TransactionRow>(LOAD_TRANSACTIONS, [ids]),
    keys.length === 0 ? [] : reader.query<{ key: string; pay_id: string }>(LOAD_BY_KEY, [keys]),
  ]);
  const states = new Map(
    payments.map((row) => [
      row.pay_id,
      paymentOf(row, transactions.filter((one) => one.pay_id === row.pay_id).map(transactionOf)),
    ]),
  );
  const records = new Map(byKey.map((row) => [row.key, { payId: row.pay_id as Payment['payId'] }]));
  return requests.map(({ id, recordKey }) => ({
    state: states.get(id),
    recorded: recordKey === undefined ? undefined : records.get(recordKey),
  }));
}
