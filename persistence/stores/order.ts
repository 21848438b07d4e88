// Orders: one statement a flush inserts and updates whole rows by version, with their events and consumptions
// in the same commit (R4).
import { CODES } from '../../actors/domain/codes';
import type { OrderFact, StandingOrder } from '../../actors/domain/order';
import type { OutboxEvent } from '../../actors/domain/events';
import type { Line, Order } from '../../actors/domain/order-state';
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
import { LOAD_LINES, LOAD_ORDERS, LOAD_STANDING, orderOf, type LineRow, type OrderRow } from './order-rows';

export interface OrderStoreParts {
  readonly writer: Queryable;
  readonly reader: Queryable;
  readonly now: () => string;
  readonly shardOf: (orderId: string) => number;
  readonly eventsOf: (fact: OrderFact, order: Order) => readonly OutboxEvent[];
  /** Takes the events of a flush as soon as it is committed. */
  readonly onEvents: (rows: readonly OutboxRow[]) => void;
}

type Entry = StoreEntry<Order, OrderFact>;

interface Change {
  readonly after: Order;
  readonly expectedVersion: number;
}

/** What changes after an order was placed. */
const CHANGING: readonly Column<Change>[] = [
  { name: 'order_id', type: 'bigint', value: ({ after }) => after.orderId },
  { name: 'order_status', type: 'smallint', value: ({ after }) => after.status },
  { name: 'pay_status', type: 'smallint', value: ({ after }) => after.payStatus },
  { name: 'shipping_status', type: 'smallint', value: ({ after }) => after.shippingStatus },
  { name: 'coupon_paid', type: 'numeric', value: ({ after }) => after.couponPaid },
  { name: 'pay_amount', type: 'numeric', value: ({ after }) => after.payAmount },
  { name: 'confirm_time', type: 'timestamptz', value: ({ after }) => after.confirmTime ?? null },
  { name: 'pay_time', type: 'timestamptz', value: ({ after }) => after.payTime ?? null },
  { name: 'version', type: 'int', value: ({ after }) => after.version },
  {
    name: 'fail_code',
    type: 'int',
    value: ({ after }) => (after.failCode === undefined ? null : CODES[after.failCode].code),
  },
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId ?? null },
  { name: 'attempts', type: 'int', value: ({ after }) => after.attempts },
  { name: 'next_attempt_time', type: 'timestamptz', value: ({ after }) => after.nextAttemptTime ?? null },
  { name: 'compensation_status', type: 'smallint', value: ({ after }) => after.compensation },
];

const EXPECTED: readonly Column<Change>[] = [
  ...CHANGING,
  { name: 'expected_version', type: 'int', value: ({ expectedVersion }) => expectedVersion },
];

interface Placed {
  readonly after: Order;
  readonly shard: number;
}

const PLACED: readonly Column<Placed>[] = [
  { name: 'order_id', type: 'bigint', value: ({ after }) => after.orderId },
  { name: 'user_id', type: 'bigint', value: ({ after }) => after.userId },
  { name: 'address', type: 'text', value: ({ after }) => after.address },
  { name: 'consignee', type: 'text', value: ({ after }) => after.consignee },
  { name: 'goods_id', type: 'bigint', value: ({ after }) => after.lines[0].goodsId },
  { name: 'goods_number', type: 'int', value: ({ after }) => after.lines[0].quantity },
  { name: 'goods_price', type: 'numeric', value: ({ after }) => after.lines[0].price },
  { name: 'goods_amount', type: 'numeric', value: ({ after }) => after.goodsAmount },
  { name: 'shipping_fee', type: 'numeric', value: ({ after }) => after.shippingFee },
  { name: 'order_amount', type: 'numeric', value: ({ after }) => after.orderAmount },
  { name: 'coupon_id', type: 'bigint', value: ({ after }) => after.couponId ?? null },
  { name: 'money_paid', type: 'numeric', value: ({ after }) => after.moneyPaid },
  { name: 'add_time', type: 'timestamptz', value: ({ after }) => after.addTime },
  { name: 'request_key', type: 'text', value: ({ after }) => after.requestKey ?? null },
  { name: 'request_hash', type: 'text', value: ({ after }) => after.requestHash },
  { name: 'expire_time', type: 'timestamptz', value: ({ after }) => after.expireTime },
  { name: 'next_attempt_time', type: 'timestamptz', value: ({ after }) => after.nextAttemptTime ?? null },
  { name: 'shard', type: 'int', value: ({ shard }) => shard },
];

const LINES: readonly Column<Line & { orderId: string }>[] = [
  { name: 'order_id', type: 'bigint', value: (line) => line.orderId },
  { name: 'goods_id', type: 'bigint', value: (line) => line.goodsId },
  { name: 'goods_number', type: 'int', value: (line) => line.quantity },
  { name: 'goods_price', type: 'numeric', value: (line) => line.price },
];

const WRITE = ((): Statement => {
  const lines = 1 + PLACED.length;
  const changes = lines + LINES.length;
  const events = changes + EXPECTED.length;
  const claims = events + EVENT_COLUMNS.length;
  const set = CHANGING.slice(1).map(({ name }) => `${name} = u.${name}`);
  return {
    name: 'order-write',
    text: `
with placed as (
  insert into trade_order (${namesOf(PLACED)})
  select ${namesOf(PLACED, 'p.')} from ${unnest(PLACED, 1, 'p')}
  on conflict do nothing returning order_id),
lines as (
  insert into trade_order_goods (${namesOf(LINES)})
  select ${namesOf(LINES, 'l.')} from ${unnest(LINES, lines, 'l')} join placed using (order_id)),
updated as (
  update trade_order o set ${set.join(', ')}
  from ${unnest(EXPECTED, changes, 'u')}
  where o.order_id = u.order_id and o.version = u.expected_version
  returning o.order_id),
changed as (select order_id as id from placed union all select order_id from updated),
events as (${insertEvents(unnest(EVENT_COLUMNS, events, 'e'))}),
claims as (${finishClaims(unnest(CLAIM_COLUMNS, claims, 'c'))})
select id as order_id, null::bigint as outbox_id, null as msg_topic, null as msg_tag, null as msg_key from changed
union all
select null, id, msg_topic, msg_tag, msg_key from events`,
  };
})();

type WriteRow = { readonly order_id: string } | ({ readonly order_id: null } & InsertedEvent);

export function createOrderStore(parts: OrderStoreParts): Store<Order, OrderFact, StandingOrder> {
  return {
    conflictKeys: ({ id, facts, inbox }: Entry) => [
      ...(facts.length > 0 ? [id] : []),
      ...(inbox ? [claimKey(inbox)] : []),
    ],
    load: (requests) => load(parts.reader, requests),
    write: (entries) => write(parts, entries),
  };
}

async function write(parts: OrderStoreParts, entries: readonly Entry[]): Promise<readonly Fate[]> {
  const at = parts.now();
  const placed: Placed[] = [];
  const lines: (Line & { orderId: string })[] = [];
  const changes: Change[] = [];
  const events: EventRow[] = [];
  for (const { id, facts, before, after } of entries) {
    if (!after || facts.length === 0) continue;
    if (before) changes.push({ after, expectedVersion: before.version });
    else {
      placed.push({ after, shard: parts.shardOf(id) });
      if (after.lines.length > 1) for (const line of after.lines) lines.push({ ...line, orderId: id });
    }
    for (const fact of facts) {
      for (const event of parts.eventsOf(fact, after)) events.push({ entityId: id, event, at });
    }
  }
  const rows = await parts.writer.query<WriteRow>(WRITE, [
    ...arraysOf(PLACED, placed),
    ...arraysOf(LINES, lines),
    ...arraysOf(EXPECTED, changes),
    ...arraysOf(EVENT_COLUMNS, events),
    ...arraysOf(CLAIM_COLUMNS, claimsOf(entries, at)),
  ]);
  const changed = new Set<string>();
  const inserted: InsertedEvent[] = [];
  for (const row of rows) {
    if (row.order_id === null) inserted.push(row);
    else changed.add(row.order_id);
  }
  if (inserted.length > 0) parts.onEvents(outboxRowsOf(inserted, events));
  return entries.map(({ id, facts }) => (facts.length === 0 || changed.has(id) ? 'applied' : 'conflict'));
}

async function load(
  reader: Queryable,
  requests: readonly LoadRequest[],
): Promise<readonly Loaded<Order, StandingOrder>[]> {
  const ids = [...new Set(requests.map((request) => request.id))];
  const keys = requests.flatMap(({ recordKey }) => (recordKey === undefined ? [] : [recordKey]));
  const [orders, lines, standing] = await Promise.all([
    reader.query<OrderRow>(LOAD_ORDERS, [ids]),
    reader.query<LineRow>(LOAD_LINES, [ids]),
    keys.length === 0
      ? []
      : reader.query<StandingOrder & { recordKey: string }>(LOAD_STANDING, standingKeys(keys)),
  ]);
  const states = new Map(
    orders.map((row) => [
      row.order_id,
      orderOf(
        row,
        lines.filter((line) => line.order_id === row.order_id),
      ),
    ]),
  );
  const records = new Map(standing.map((row) => [row.recordKey, row]));
  return requests.map(({ id, recordKey }) => ({
    state: states.get(id),
    recorded: recordKey === undefined ? undefined : records.get(recordKey),
  }));
}

/** `<userId>:<requestKey>`, the request key being any text. */
const standingKeys = (keys: readonly string[]): [string[], string[]] => [
  keys.map((key) => key.slice(0, key.indexOf(':'))),
  keys.map((key) => key.slice(key.indexOf(':') + 1)),
];
