// Orders: one statement a flush inserts and updates whole rows by version, with their events and consumptions
// in the same commit (R4).
import { CODES } from '../../actors/domain/codes';
import type { OutboxEvent } from '../../actors/domain/events';
import type { OrderFact, StandingOrder } from '../../actors/domain/order';
import type { Line, Order } from '../../actors/domain/order-state';
import type { Store } from '../../actors/domain/ports';
import { arraysOf, namesOf, unnest, type Column } from './batch-columns';
import { loadOrders, loadStanding } from './order-rows';
import { versionedStatement, versionedStore, type Change, type VersionedStoreParts } from './versioned-store';

export interface OrderStoreParts extends VersionedStoreParts {
  readonly eventsOf: (fact: OrderFact, order: Order) => readonly OutboxEvent[];
}

interface Updated {
  readonly after: Order;
  readonly expectedVersion: number;
}

/** What changes after an order was placed. */
const CHANGING: readonly Column<Updated>[] = [
  { name: 'order_id', type: 'bigint', value: ({ after }) => after.orderId },
  { name: 'order_status', type: 'smallint', value: ({ after }) => after.status },
  { name: 'pay_status', type: 'smallint', value: ({ after }) => after.payStatus },
  { name: 'shipping_status', type: 'smallint', value: ({ after }) => after.shippingStatus },
  { name: 'coupon_paid', type: 'numeric', value: ({ after }) => after.couponPaid },
  { name: 'pay_amount', type: 'numeric', value: ({ after }) => after.payAmount },
  { name: 'confirm_time', type: 'timestamptz', value: ({ after }) => after.confirmTime },
  { name: 'pay_time', type: 'timestamptz', value: ({ after }) => after.payTime },
  { name: 'version', type: 'int', value: ({ after }) => after.version },
  {
    name: 'fail_code',
    type: 'int',
    value: ({ after }) => after.failCode && CODES[after.failCode].code,
  },
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId },
  { name: 'attempts', type: 'int', value: ({ after }) => after.attempts },
  { name: 'next_attempt_time', type: 'timestamptz', value: ({ after }) => after.nextAttemptTime },
  { name: 'compensation_status', type: 'smallint', value: ({ after }) => after.compensation },
];

const EXPECTED: readonly Column<Updated>[] = [
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
  { name: 'coupon_id', type: 'bigint', value: ({ after }) => after.couponId },
  { name: 'money_paid', type: 'numeric', value: ({ after }) => after.moneyPaid },
  { name: 'add_time', type: 'timestamptz', value: ({ after }) => after.addTime },
  { name: 'request_key', type: 'text', value: ({ after }) => after.requestKey },
  { name: 'request_hash', type: 'text', value: ({ after }) => after.requestHash },
  { name: 'expire_time', type: 'timestamptz', value: ({ after }) => after.expireTime },
  { name: 'next_attempt_time', type: 'timestamptz', value: ({ after }) => after.nextAttemptTime },
  { name: 'shard', type: 'int', value: ({ shard }) => shard },
];

const LINES: readonly Column<Line & { orderId: string }>[] = [
  { name: 'order_id', type: 'bigint', value: (line) => line.orderId },
  { name: 'goods_id', type: 'bigint', value: (line) => line.goodsId },
  { name: 'goods_number', type: 'int', value: (line) => line.quantity },
  { name: 'goods_price', type: 'numeric', value: (line) => line.price },
];

const LINES_FROM = 1 + PLACED.length;
const UPDATES_FROM = LINES_FROM + LINES.length;

/**
 * Orders are placed in the order of their request keys, so that two nodes that are sent the same ones at once
 * wait for each other and never deadlock.
 */
const WRITE = versionedStatement(
  'order-write',
  `
  placed as (
    insert into trade_order (${namesOf(PLACED)})
    select ${namesOf(PLACED)} from ${unnest(PLACED, 1, 'p')} order by user_id, request_key
    on conflict do nothing returning order_id),
  lines as (
    insert into trade_order_goods (${namesOf(LINES)})
    select ${namesOf(LINES, 'l.')} from ${unnest(LINES, LINES_FROM, 'l')} join placed using (order_id)),
  updated as (
    update trade_order o set ${CHANGING.slice(1)
      .map(({ name }) => `${name} = u.${name}`)
      .join(', ')}
    from ${unnest(EXPECTED, UPDATES_FROM, 'u')}
    where o.order_id = u.order_id and o.version = u.expected_version and o.order_id = any($${UPDATES_FROM}::bigint[])
    returning o.order_id),
  changed as (select order_id as id from placed union all select order_id from updated)`,
  PLACED.length + LINES.length + EXPECTED.length,
);

export const createOrderStore = (parts: OrderStoreParts): Store<Order, OrderFact, StandingOrder> =>
  versionedStore<Order, OrderFact, StandingOrder>(parts, {
    statement: WRITE,
    changesOf: (changes) => rowsOf(changes, parts.shardOf),
    eventsOf: parts.eventsOf,
    keysOf: () => [],
    states: loadOrders,
    records: loadStanding,
  });

function rowsOf(changes: readonly Change<Order, OrderFact>[], shardOf: (id: string) => number): unknown[] {
  const placed: Placed[] = [];
  const lines: (Line & { orderId: string })[] = [];
  const updated: Updated[] = [];
  for (const { id, before, after } of changes) {
    if (before) {
      updated.push({ after, expectedVersion: before.version });
      continue;
    }
    placed.push({ after, shard: shardOf(id) });
    if (after.lines.length > 1) lines.push(...after.lines.map((line) => ({ ...line, orderId: id })));
  }
  return [...arraysOf(PLACED, placed), ...arraysOf(LINES, lines), ...arraysOf(EXPECTED, updated)];
}
