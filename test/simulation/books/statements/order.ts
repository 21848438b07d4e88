// The statements of persistence/stores/order.ts and order-rows.ts.
import { compareIds } from '../../../../actors/domain/ids';
import { ZERO } from '../../../../actors/domain/money';
import { amount, arrayOf, batch, int, intOrNull, text, textOrNull } from '../batch';
import type { ChangingColumns, LineRow, OrderRow } from '../rows';
import { keyOf, type ShopTables } from '../tables';
import { finishVersioned } from './events';
import type { Statements } from './statement';

const NAMED = {
  order_id: text,
  user_id: text,
  address: text,
  consignee: text,
  goods_id: text,
  goods_number: int,
  goods_price: amount,
  goods_amount: amount,
  shipping_fee: amount,
  order_amount: amount,
  coupon_id: textOrNull,
  money_paid: amount,
  add_time: text,
  request_key: textOrNull,
  request_hash: textOrNull,
  expire_time: textOrNull,
};

const PLACED = batch({ ...NAMED, next_attempt_time: textOrNull, shard: int });

const CHANGING = {
  order_status: int,
  pay_status: int,
  shipping_status: int,
  coupon_paid: amount,
  pay_amount: amount,
  confirm_time: textOrNull,
  pay_time: textOrNull,
  version: int,
  fail_code: intOrNull,
  pay_id: textOrNull,
  attempts: int,
  next_attempt_time: textOrNull,
  compensation_status: int,
};

const UPDATES = batch({ order_id: text, ...CHANGING, expected_version: int });

/** Placed and changed in one commit. */
export const WHOLE = batch({ ...NAMED, shard: int, ...CHANGING });

export const LINES = batch({ order_id: text, goods_id: text, goods_number: int, goods_price: amount });

const LINES_FROM = 1 + PLACED.width;
const UPDATES_FROM = LINES_FROM + LINES.width;
const WIDTH = PLACED.width + LINES.width + UPDATES.width;

/** What the columns hold that a new order does not name. */
const DEFAULTS: Omit<ChangingColumns, 'next_attempt_time'> = {
  order_status: 0,
  pay_status: 0,
  shipping_status: 0,
  coupon_paid: ZERO,
  pay_amount: ZERO,
  confirm_time: null,
  pay_time: null,
  version: 1,
  fail_code: null,
  pay_id: null,
  attempts: 1,
  compensation_status: 0,
};

function write(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const changed = new Set<string>();
  const placed = new Set<string>();
  for (const row of PLACED.rows(values, 1)) {
    if (!place(tables, { ...row, ...DEFAULTS })) continue;
    placed.add(row.order_id);
    changed.add(row.order_id);
  }
  for (const line of LINES.rows(values, LINES_FROM)) {
    if (placed.has(line.order_id)) tables.lines.insert(line);
  }
  for (const { expected_version: expected, ...update } of UPDATES.rows(values, UPDATES_FROM)) {
    const order = tables.orders.get(update.order_id);
    if (order?.version !== expected || placed.has(update.order_id)) continue;
    tables.orders.replace({ ...order, ...update } as OrderRow);
    changed.add(update.order_id);
  }
  return finishVersioned(tables, values, WIDTH, changed);
}

/** `on conflict do nothing`, for both of the unique keys. @returns whether the order is new */
export function place({ orders, requestKeys }: ShopTables, order: OrderRow): boolean {
  const { order_id, user_id, request_key } = order;
  orders.check(order);
  if (request_key !== null && requestKeys.has(keyOf(user_id, request_key))) return false;
  if (!orders.insertOrSkip(order)) return false;
  if (request_key !== null) requestKeys.insert({ user_id, request_key, order_id });
  return true;
}

function load({ orders, lines }: ShopTables, values: readonly unknown[]): readonly object[] {
  return arrayOf(values[0]).flatMap((id) => {
    const order = orders.get(id ?? '');
    if (!order) return [];
    const several = lines.where((line) => line.order_id === id).sort(byGoods);
    return [{ ...order, lines: several.length === 0 ? null : several }];
  });
}

const byGoods = (left: LineRow, right: LineRow): number => compareIds(left.goods_id, right.goods_id);

const KEYS = batch({ user_id: text, request_key: text });

const loadStanding = ({ orders, requestKeys }: ShopTables, values: readonly unknown[]): readonly object[] =>
  KEYS.rows(values, 1).flatMap(({ user_id: userId, request_key: requestKey }) => {
    const found = requestKeys.get(keyOf(userId, requestKey));
    const order = found && orders.get(found.order_id);
    if (!order) return [];
    const recordKey = `${userId}:${requestKey}`;
    return [{ recordKey, orderId: order.order_id, requestHash: order.request_hash }];
  });

export const ORDER: Statements = {
  'order-write': write,
  'order-load': load,
  'order-load-standing': loadStanding,
};
