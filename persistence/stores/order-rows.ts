// Reading orders: rows to states.
import { codeOfNumber } from '../../actors/domain/codes';
import type { GoodsId } from '../../actors/domain/ids';
import { money } from '../../actors/domain/money';
import type { Line, Order } from '../../actors/domain/order-state';
import type { StandingOrder } from '../../actors/domain/order';
import type { Queryable, Statement } from '../session';
import { isoUtc } from './iso-utc';

interface OrderRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly order_status: Order['status'];
  readonly pay_status: Order['payStatus'];
  readonly shipping_status: Order['shippingStatus'];
  readonly address: string;
  readonly consignee: string;
  readonly goods_id: string;
  readonly goods_number: number;
  readonly goods_price: string;
  readonly goods_amount: string;
  readonly shipping_fee: string;
  readonly order_amount: string;
  readonly coupon_id: string | null;
  readonly coupon_paid: string;
  readonly money_paid: string;
  readonly pay_amount: string;
  readonly add_time: string;
  readonly confirm_time: string | null;
  readonly pay_time: string | null;
  readonly expire_time: string | null;
  readonly next_attempt_time: string | null;
  readonly version: number;
  readonly fail_code: number | null;
  readonly request_key: string | null;
  readonly request_hash: string | null;
  readonly pay_id: string | null;
  readonly attempts: number;
  readonly compensation_status: Order['compensation'];
  /** Of an order with more than one kind of goods. */
  readonly lines: readonly LineRow[] | null;
}

type LineRow = Pick<OrderRow, 'goods_id' | 'goods_number' | 'goods_price'>;

const asText = (column: string): string => `${column}::text as ${column}`;

/** One statement, so that an order is never seen without its lines. */
const LOAD_ORDERS: Statement = {
  name: 'order-load',
  text: `
  select ${['order_id', 'user_id', 'goods_id', 'coupon_id', 'pay_id'].map(asText).join(', ')},
    ${['goods_price', 'goods_amount', 'shipping_fee', 'order_amount'].map(asText).join(', ')},
    ${['coupon_paid', 'money_paid', 'pay_amount'].map(asText).join(', ')},
    order_status, pay_status, shipping_status, address, consignee, goods_number, version, fail_code, request_key,
    request_hash, attempts, compensation_status,
    ${isoUtc('add_time')}, ${isoUtc('confirm_time')}, ${isoUtc('pay_time')}, ${isoUtc('expire_time')},
    ${isoUtc('next_attempt_time')},
    (select json_agg(json_build_object('goods_id', line.goods_id::text, 'goods_number', line.goods_number,
        'goods_price', line.goods_price::text) order by line.goods_id)
      from trade_order_goods line where line.order_id = trade_order.order_id) as lines
  from trade_order where order_id = any($1::bigint[])`,
};

const LOAD_STANDING: Statement = {
  name: 'order-load-standing',
  text: `
  select k.user_id || ':' || k.request_key as "recordKey", o.order_id::text as "orderId", o.request_hash as "requestHash"
  from unnest($1::bigint[], $2::text[]) as k(user_id, request_key) cross join lateral (
    select order_id, request_hash from trade_order
    where user_id = k.user_id and request_key = k.request_key limit 1) o`,
};

export async function loadOrders(
  reader: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Order>> {
  const rows = await reader.query<OrderRow>(LOAD_ORDERS, [ids]);
  return new Map(rows.map((row) => [row.order_id, orderOf(row)]));
}

/** @param keys `<userId>:<requestKey>`, the request key being any text */
export async function loadStanding(
  reader: Queryable,
  keys: readonly string[],
): Promise<ReadonlyMap<string, StandingOrder>> {
  const rows = await reader.query<StandingOrder & { readonly recordKey: string }>(LOAD_STANDING, [
    keys.map((key) => key.slice(0, key.indexOf(':'))),
    keys.map((key) => key.slice(key.indexOf(':') + 1)),
  ]);
  return new Map(rows.map(({ recordKey, orderId, requestHash }) => [recordKey, { orderId, requestHash }]));
}

/** An order that was written by plain SQL has no time to expire: it never does. */
const NEVER = '9999-12-31T00:00:00.000Z';

function orderOf(row: OrderRow): Order {
  const [first, ...others] = (row.lines ?? [row]).map((line): Line => ({
    goodsId: line.goods_id as GoodsId,
    quantity: line.goods_number,
    price: money(line.goods_price),
  }));
  if (!first) throw new Error('an order has a line');
  return {
    orderId: row.order_id as Order['orderId'],
    userId: row.user_id as Order['userId'],
    status: row.order_status,
    payStatus: row.pay_status,
    shippingStatus: row.shipping_status,
    address: row.address,
    consignee: row.consignee,
    lines: [first, ...others],
    goodsAmount: money(row.goods_amount),
    shippingFee: money(row.shipping_fee),
    orderAmount: money(row.order_amount),
    couponId: (row.coupon_id ?? undefined) as Order['couponId'],
    couponPaid: money(row.coupon_paid),
    moneyPaid: money(row.money_paid),
    payAmount: money(row.pay_amount),
    addTime: row.add_time,
    confirmTime: row.confirm_time ?? undefined,
    payTime: row.pay_time ?? undefined,
    version: row.version,
    failCode: row.fail_code === null ? undefined : codeOfNumber(row.fail_code),
    requestKey: row.request_key ?? undefined,
    requestHash: row.request_hash ?? '',
    payId: (row.pay_id ?? undefined) as Order['payId'],
    expireTime: row.expire_time ?? NEVER,
    attempts: row.attempts,
    nextAttemptTime: row.next_attempt_time ?? undefined,
    compensation: row.compensation_status,
  };
}
