// The columns of orders in their flushes: what a new order names, what changes later, and its lines.
import { CODES } from '../../actors/domain/codes';
import type { Line, Order } from '../../actors/domain/order-state';
import type { Column } from './batch-columns';

export interface Updated {
  readonly after: Order;
  readonly expectedVersion: number;
}

/** What changes after an order was placed. */
export const CHANGING: readonly Column<Pick<Updated, 'after'>>[] = [
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

export const EXPECTED: readonly Column<Updated>[] = [
  ...CHANGING,
  { name: 'expected_version', type: 'int', value: ({ expectedVersion }) => expectedVersion },
];

export interface Placed {
  readonly after: Order;
  readonly shard: number;
}

export const PLACED: readonly Column<Placed>[] = [
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

export const LINES: readonly Column<Line & { orderId: string }>[] = [
  { name: 'order_id', type: 'bigint', value: (line) => line.orderId },
  { name: 'goods_id', type: 'bigint', value: (line) => line.goodsId },
  { name: 'goods_number', type: 'int', value: (line) => line.quantity },
  { name: 'goods_price', type: 'numeric', value: (line) => line.price },
];

/** The columns of an order that is placed and has changed in one commit: all that there are. */
export const PLACED_AND_CHANGED: readonly Column<Placed>[] = [
  ...PLACED.filter(({ name }) => name !== 'next_attempt_time'),
  ...CHANGING.filter(({ name }) => name !== 'order_id'),
];

/** The rows of LINES: an order with a single line has it in its own row. */
export const linesOf = ({ orderId, lines }: Order): readonly (Line & { orderId: string })[] =>
  lines.length > 1 ? lines.map((line) => ({ ...line, orderId })) : [];
