// Whether all that was said is true, when everything is over: what customers and the platform were told is held against
// the books, the platform's own figures against the shop's, and every entity's history against any order of it.
import { CODES, type Code } from '../../../actors/domain/codes';
import type { OrderId } from '../../../actors/domain/ids';
import { OrderStatus, PayStatus, ShippingStatus } from '../../../actors/domain/order-state';
import { brokenRules } from '../books/audit';
import type { OrderRow, TransactionRow } from '../books/rows';
import { inexplicableAnswers } from './histories';
import type { Told } from './told';
import type { World } from './world';

/** @returns a line for each thing that is wrong */
export function judge(world: World, told: Told): string[] {
  return [
    ...world.breaches,
    ...told.contradictions,
    ...untrueAnswers(world, told),
    ...unmatchedMoney(world),
    ...unfinished(world),
    ...brokenRules(world.tables),
    ...inexplicableAnswers(world),
  ];
}

function* untrueAnswers({ tables }: World, told: Told): Generator<string> {
  for (const [key, orderId] of told.confirmed) {
    const order = tables.orders.get(orderId);
    if (!order) yield `order ${orderId} of ${key} was confirmed and is not there`;
    else if (!isAsTold(order, told)) yield `order ${orderId} was confirmed and is ${inWords(order)}`;
  }
  for (const [key, code] of told.refused) {
    const order = tables.orders.where((row) => row.request_key === key)[0];
    if (order?.order_status === OrderStatus.confirmed)
      yield `${key} was refused with ${code} and is confirmed`;
  }
  for (const [orderId, ends] of told.done) {
    const order = tables.orders.get(orderId);
    const isTrue = {
      cancelled: order?.order_status === OrderStatus.cancelled,
      refunded: order?.order_status === OrderStatus.refunded,
      shipped: order?.shipping_status === ShippingStatus.shipped,
    };
    for (const end of ends) {
      if (!isTrue[end])
        yield `order ${orderId} was said to be ${end} and is ${order ? inWords(order) : 'not there'}`;
    }
  }
}

/** A confirmed order stays so, unless somebody called it off or nobody paid for it. */
function isAsTold(order: OrderRow, { wished }: Told): boolean {
  const ends = wished.get(order.order_id as OrderId);
  switch (order.order_status) {
    case OrderStatus.confirmed:
      return true;
    case OrderStatus.cancelled:
      return order.fail_code === numberOf('SHOP_ORDER_EXPIRED')
        ? order.pay_status === 0
        : order.fail_code === numberOf('SHOP_ORDER_CANCELLED') && ends?.has('cancelled') === true;
    case OrderStatus.refunded:
      return ends?.has('refunded') === true;
    case OrderStatus.unconfirmed:
    case OrderStatus.invalid:
      return false;
    default:
      return order.order_status satisfies never;
  }
}

const numberOf = (code: Code): number => CODES[code].code;

const inWords = (order: OrderRow): string =>
  `in status ${order.order_status}, paid ${order.pay_status}, shipped ${order.shipping_status}, fail code ${order.fail_code ?? 'none'}`;

/** What arrived at the platform is booked here or went back there, each once, and we know of nothing else. */
function* unmatchedMoney({ tables, platform }: World): Generator<string> {
  const known = new Map<string, TransactionRow>();
  for (const row of tables.transactions) known.set(row.transaction_id, row);
  for (const { transactions } of platform.payments.values()) {
    for (const { transactionId, amount, acknowledged, refunds } of transactions) {
      const row = known.get(transactionId);
      known.delete(transactionId);
      if (!row) {
        if (acknowledged) yield `transaction ${transactionId} was acknowledged and is not there`;
        else yield `transaction ${transactionId} was paid and the shop does not know of it`;
        continue;
      }
      const isRight =
        row.state === 'booked' ? refunds.length === 0 : row.state === 'refunded' && refunds.length === 1;
      if (!isRight || row.amount !== amount)
        yield `transaction ${transactionId} of ${amount} is ${row.state} with ${row.amount}, and the platform sent back ${String(refunds)}`;
    }
  }
  for (const transactionId of known.keys()) yield `transaction ${transactionId} is booked and was never paid`;
}

/** What the audit does not see: it counts a confirmed order as ended, and one that nobody paid in time is not. */
export function* unfinished({ tables, streams, platform }: World): Generator<string> {
  for (const order of tables.orders) {
    const isUnpaid = order.order_status === OrderStatus.confirmed && order.pay_status !== PayStatus.paid;
    if (isUnpaid) yield `order ${order.order_id} is neither paid nor expired: ${inWords(order)}`;
  }
  if (streams.left > 0) yield `${streams.left} deliveries never end`;
  if (platform.calling > 0) yield `${platform.calling} callbacks are never acknowledged`;
}
