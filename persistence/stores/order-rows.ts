// Reading orders: rows to states.
import { codeOfNumber } from '../../actors/domain/codes';
import type { GoodsId } from '../../actors/domain/ids';
import { money } from '../../actors/domain/money';
import type { Line, Order } from '../../actors/domain/order-state';
import type { Statement } from '../session';
import { isoUtc } from './iso-utc';

export interface OrderRow {
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
}

export interface LineRow {
  readonly order_id: string;
  readonly goods_id: string;
  readonly goods_number: number;
  readonly goods_price: string;
}

export const LOAD_ORDERS: Statement = {
  name: 'order-load',
  text: `
select order_id, user_id, order_status, pay_status, shipping_status, address, consignee, goods_id, goods_number,
  goods_price, goods_amount, shipping_fee, order_amount, coupon_id, coupon_paid, money_paid, pay_amount, version,
  fail_code, request_key, request_hash, pay_id, attempts, compensation_status,
  ${isoUtc('add_time')}, ${isoUtc('confirm_time')}, ${isoUtc('pay_time')}, ${isoUtc('expire_time')},
  ${isoUtc('next_attempt_time')}
from trade_order where order_id = any($1::bigint[])`,
};

export const LOAD_LINES: Statement = {
  name: 'order-load-lines',
  text: `select order_id, goods_id, goods_number, goods_price from trade_order_goods
    where order_id = any($1::bigint[]) order by order_id, goods_id`,
};

export const LOAD_STANDING: Statement = {
  name: 'order-load-standing',
  text: `select user_id || ':' || request_key as "recordKey", order_id as "orderId", request_hash as "requestHash"
    from trade_order join unnest($1::bigint[], $2::text[]) as k(user_id, request_key) using (user_id, request_key)`,
};

/** An order that was written by plain SQL has no time to expire: it never does. */
const NEVER = '9999-12-31T00:00:00.000Z';

/** @param lines the rows of trade_order_goods; none for an order of one kind of goods */
export function orderOf(row: OrderRow, lines: readonly LineRow[]): Order {
  const [first, ...others] = (lines.length > 0 ? lines : [row]).map((line): Line => ({
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
