// Every payment is booked once, logged once and rewarded once, or its money goes back.
import { pointsOf } from '../../../../actors/domain/money';
import { OrderStatus, PayStatus } from '../../../../actors/domain/order-state';
import type { TransactionState } from '../../../../actors/domain/payment';
import { LogType, type OrderRow, type PayRow, type TransactionRow } from '../rows';
import { keyOf, type ShopTables } from '../tables';
import type { Rules } from './rule';
import { isCompensating, isConfirmed } from './stage';

const isPaid = (payment: PayRow): boolean => payment.is_paid === 2;

const bookedOf = ({ transactions }: ShopTables, { pay_id }: PayRow): readonly TransactionRow[] =>
  transactions.where((transaction) => transaction.pay_id === pay_id && transaction.state === 'booked');

const transactionsIn = (
  { transactions }: ShopTables,
  ...states: readonly TransactionState[]
): readonly string[] => transactions.where(({ state }) => states.includes(state)).map(nameOf);

const nameOf = (transaction: TransactionRow): string =>
  `${transaction.provider}:${transaction.transaction_id}`;

/** The payments that have their order and break a rule with it. */
const paymentsWhere = (
  { payments, orders }: ShopTables,
  isBroken: (payment: PayRow, order: OrderRow) => boolean,
): readonly string[] =>
  payments
    .where((payment) => {
      const order = orders.get(payment.order_id);
      return order !== undefined && isBroken(payment, order);
    })
    .map((payment) => payment.pay_id);

/** The points that were given for a payment, and how many of them were taken back. */
function pointsFor({ scoreLog }: ShopTables, { pay_id }: PayRow, { user_id }: OrderRow) {
  const score = (type: number): number => scoreLog.get(keyOf(user_id, pay_id, type))?.score ?? 0;
  return { given: score(LogType.take), takenBack: 0 - score(LogType.giveBack) };
}

export const PAYMENT_RULES = {
  'an order has one paid payment at most': ({ payments }) => {
    const paid = payments.where(isPaid).map((payment) => payment.order_id);
    return [...new Set(paid.filter((orderId, place) => paid.indexOf(orderId) !== place))];
  },
  'transactions belong to payments': ({ payments, transactions }) =>
    transactions
      .where((transaction) => payments.get(transaction.pay_id)?.provider !== transaction.provider)
      .map(nameOf),
  'no refund is half-way': (tables) => transactionsIn(tables, 'refund due', 'requested', 'mismatch'),
  'no refund has failed': (tables) => transactionsIn(tables, 'failed'),
  'a payment has its order': ({ payments, orders }) =>
    payments.where((payment) => !orders.has(payment.order_id)).map((payment) => payment.pay_id),
  'a paid payment is what its order is paid by': (tables) =>
    paymentsWhere(tables, (payment, order) => {
      const isItsOrders =
        (isConfirmed(order) || order.order_status === OrderStatus.refunded) &&
        order.pay_status === PayStatus.paid &&
        order.pay_id === payment.pay_id &&
        order.pay_amount === payment.pay_amount;
      return isPaid(payment) && !isItsOrders;
    }),
  'a paid payment of a confirmed order has one booked transaction': (tables) =>
    paymentsWhere(
      tables,
      (payment, order) => isPaid(payment) && isConfirmed(order) && bookedOf(tables, payment).length !== 1,
    ),
  'no other payment has a booked transaction': (tables) =>
    paymentsWhere(
      tables,
      (payment, order) =>
        !(isPaid(payment) && isConfirmed(order)) &&
        !isCompensating(order) &&
        bookedOf(tables, payment).length > 0,
    ),
  'a booked transaction is of the amount due': (tables) =>
    paymentsWhere(tables, (payment) =>
      bookedOf(tables, payment).some(({ amount }) => amount !== payment.pay_amount),
    ),
  'a payment has a pay log row exactly if it is paid': ({ payments, payLog }) =>
    payments
      .where((payment) => {
        const log = payLog.get(payment.pay_id);
        if (!isPaid(payment)) return log !== undefined;
        return log?.order_id !== payment.order_id || log.pay_amount !== payment.pay_amount;
      })
      .map((payment) => payment.pay_id),
  'pay log rows belong to payments': ({ payments, payLog }) =>
    payLog.where((log) => !payments.has(log.pay_id)).map((log) => log.pay_id),
  'points are given exactly for paid payments': (tables) =>
    paymentsWhere(tables, (payment, order) => {
      const { given } = pointsFor(tables, payment, order);
      const due = isPaid(payment) ? pointsOf(payment.pay_amount) : 0;
      // A refund that came before the points has kept them from being given (R2).
      return given !== due && !(order.order_status === OrderStatus.refunded && given === 0);
    }),
  'points are taken back exactly for refunded orders': (tables) =>
    paymentsWhere(tables, (payment, order) => {
      const { given, takenBack } = pointsFor(tables, payment, order);
      const due = order.order_status === OrderStatus.refunded ? given : 0;
      return !isCompensating(order) && takenBack !== due;
    }),
  'points ledger rows belong to payments': ({ payments, orders, scoreLog }) => {
    const strays = scoreLog.where((row) => {
      const payment = payments.get(row.pay_id);
      const order = payment && orders.get(payment.order_id);
      return row.log_type !== LogType.opening && order?.user_id !== row.user_id;
    });
    return [...new Set(strays.map((row) => `${row.user_id}:${row.pay_id}`))];
  },
} as const satisfies Rules;
