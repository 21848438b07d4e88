// Ledger rows that nothing explains. The pass over orders or payments counts the rows that it met; only when
// a ledger holds another number is it read itself.
import type { Kind } from '../../actors/domain/envelope';
import type { Queryable, Statement } from '../session';
import { ORDERS_BY_ID, PAYMENTS_BY_ID, type AuditedOrder, type PaidRow } from './order-rows';
import { indexBy, pages } from './pages';

type Readers = Readonly<Record<Kind, Queryable>>;
type OnStray = (key: string) => void;

interface Pair {
  readonly holder: string;
  readonly cause: string;
}

interface Ledger {
  readonly reader: Queryable;
  readonly count: Statement;
  readonly page: Statement;
  /** Which of these rows have their cause. */
  readonly explained: (pairs: readonly Pair[]) => Promise<(pair: Pair) => boolean>;
}

const statements = (
  name: string,
  table: string,
  holder: string,
  cause: string,
  type: string,
): Pick<Ledger, 'count' | 'page'> => ({
  count: {
    name: `audit-${name}-count`,
    text: `select count(*)::int as total from ${table} where ${type} in (1, 2)`,
  },
  page: {
    name: `audit-${name}-page`,
    text: `select distinct l.${holder} as h, l.${cause} as c, l.${holder}::text as holder, l.${cause}::text as cause
      from ${table} l where ${type} in (1, 2) and (l.${holder}, l.${cause}) > ($1::bigint, $2::bigint)
      order by 1, 2 limit $3`,
  },
});

async function strays(ledger: Ledger, met: number, onStray: OnStray): Promise<void> {
  const [counted] = await ledger.reader.query<{ total: number }>(ledger.count, []);
  if (counted?.total === met) return;
  for await (const pairs of pages<Pair>(ledger.reader, ledger.page, (pair) => [pair.holder, pair.cause], 2)) {
    const isExplained = await ledger.explained(pairs);
    for (const pair of pairs) if (!isExplained(pair)) onStray(`${pair.holder}:${pair.cause}`);
  }
}

const ordersOf = async (
  readers: Readers,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AuditedOrder>> =>
  indexBy(await readers.order.query<AuditedOrder>(ORDERS_BY_ID, [ids]), (order) => order.order_id);

/** @param met how many rows the orders explain */
export const moneyStrays = (readers: Readers, met: number, onStray: OnStray): Promise<void> =>
  strays(
    {
      reader: readers.wallet,
      ...statements('money', 'trade_user_money_log', 'user_id', 'order_id', 'money_log_type'),
      explained: async (pairs) => {
        const orders = await ordersOf(
          readers,
          pairs.map((pair) => pair.cause),
        );
        return (pair) => orders.get(pair.cause)?.user_id === pair.holder;
      },
    },
    met,
    onStray,
  );

/** @param met how many rows the orders explain */
export const couponStrays = (readers: Readers, met: number, onStray: OnStray): Promise<void> =>
  strays(
    {
      reader: readers.coupon,
      ...statements('coupon', 'trade_coupon_log', 'coupon_id', 'order_id', 'log_type'),
      explained: async (pairs) => {
        const orders = await ordersOf(
          readers,
          pairs.map((pair) => pair.cause),
        );
        return (pair) => orders.get(pair.cause)?.coupon_id === pair.holder;
      },
    },
    met,
    onStray,
  );

/** @param met how many rows the payments explain */
export const pointsStrays = (readers: Readers, met: number, onStray: OnStray): Promise<void> =>
  strays(
    {
      reader: readers.wallet,
      ...statements('points', 'trade_user_score_log', 'user_id', 'pay_id', 'log_type'),
      explained: async (pairs) => {
        const found = await readers.payment.query<PaidRow>(PAYMENTS_BY_ID, [pairs.map((pair) => pair.cause)]);
        const payments = indexBy(found, (payment) => payment.pay_id);
        const orders = await ordersOf(
          readers,
          found.map((payment) => payment.order_id),
        );
        return (pair) => orders.get(payments.get(pair.cause)?.order_id ?? '')?.user_id === pair.holder;
      },
    },
    met,
    onStray,
  );

const PAY_LOG = {
  count: { name: 'audit-pay-log-count', text: 'select count(*)::int as total from trade_pay_log' },
  page: {
    name: 'audit-pay-log-page',
    text: `select l.pay_id::text as holder, l.pay_id::text as cause from trade_pay_log l
      where (l.pay_id, l.pay_id) > ($1::bigint, $2::bigint) order by l.pay_id limit $3`,
  },
};

/** @param met how many rows the payments explain */
export const payLogStrays = (readers: Readers, met: number, onStray: OnStray): Promise<void> =>
  strays(
    {
      reader: readers['pay-log'],
      ...PAY_LOG,
      explained: async (pairs) => {
        const found = await readers.payment.query<PaidRow>(PAYMENTS_BY_ID, [pairs.map((pair) => pair.cause)]);
        const payments = new Set(found.map((payment) => payment.pay_id));
        return (pair) => payments.has(pair.cause);
      },
    },
    met,
    (key) => onStray(key.split(':')[0] ?? key),
  );
