// What each payment claims is compared with its order, its transactions, its log and the points, page by page.
import type { Kind } from '../../actors/domain/envelope';
import { money, pointsOf } from '../../actors/domain/money';
import type { Queryable, Statement } from '../session';
import type { Findings } from './findings';
import { ORDERS_BY_ID, type AuditedOrder, type PaidRow } from './order-rows';
import { indexBy, pages } from './pages';
import { payLogStrays, pointsStrays } from './strays';

export const PAYMENT_RULES = [
  'a payment has its order',
  'a paid payment is what its order is paid by',
  'a paid payment of a confirmed order has one booked transaction',
  'no other payment has a booked transaction',
  'a booked transaction is of the amount due',
  'a payment has a pay log row exactly if it is paid',
  'pay log rows belong to payments',
  'points are given exactly for paid payments',
  'points are taken back exactly for refunded orders',
  'points ledger rows belong to payments',
] as const;
export type PaymentRule = (typeof PAYMENT_RULES)[number];

type Readers = Readonly<Record<Kind, Queryable>>;

const PAYMENTS: Statement = {
  name: 'audit-payments',
  text: `select p.pay_id::text, p.order_id::text, pay_amount::text, is_paid from trade_pay p
    where p.pay_id > $1 order by p.pay_id limit $2`,
};

const BOOKED: Statement = {
  name: 'audit-booked',
  text: `select pay_id::text, array_agg(amount::text) as amounts from trade_pay_transaction t
    where t.pay_id = any($1::bigint[]) and state = 'booked' group by t.pay_id`,
};

const LOGS: Statement = {
  name: 'audit-pay-logs',
  text: `select pay_id::text, order_id::text, pay_amount::text from trade_pay_log l where l.pay_id = any($1::bigint[])`,
};

const POINTS: Statement = {
  name: 'audit-points',
  text: `
    select l.pay_id::text, count(*)::int as row_count,
      coalesce(sum(score) filter (where log_type = 1), 0)::int as given,
      coalesce(-sum(score) filter (where log_type = 2), 0)::int as taken_back
    from trade_user_score_log l
    join unnest($1::bigint[], $2::bigint[]) as k(user_id, pay_id) using (user_id, pay_id)
    where log_type in (1, 2) group by l.user_id, l.pay_id`,
};

interface PointsRow {
  readonly pay_id: string;
  readonly row_count: number;
  readonly given: number;
  readonly taken_back: number;
}

/** All that is known of one payment. */
interface Case {
  readonly payment: PaidRow;
  readonly order: AuditedOrder;
  readonly booked: readonly string[];
  readonly points: PointsRow | undefined;
}

/** Compares every payment with its order, transactions, log and points. */
export async function auditPayments(readers: Readers, findings: Findings<PaymentRule>): Promise<void> {
  let logRows = 0;
  let pointsRows = 0;
  for await (const payments of pages<PaidRow>(readers.payment, PAYMENTS, (row) => [row.pay_id])) {
    const ids = payments.map((payment) => payment.pay_id);
    const found = await readers.order.query<AuditedOrder>(ORDERS_BY_ID, [
      payments.map((payment) => payment.order_id),
    ]);
    const orders = indexBy(found, (order) => order.order_id);
    const [bookedRows, logs, points] = await Promise.all([
      readers.payment.query<{ pay_id: string; amounts: string[] }>(BOOKED, [ids]),
      readers['pay-log'].query<Omit<PaidRow, 'is_paid'>>(LOGS, [ids]),
      readers.wallet.query<PointsRow>(POINTS, pairsOf(payments, orders)),
    ]);
    const booked = indexBy(bookedRows, (row) => row.pay_id);
    const logOf = indexBy(logs, (log) => log.pay_id);
    const pointsOfPayment = indexBy(points, (row) => row.pay_id);
    for (const payment of payments) {
      auditLog(payment, logOf.get(payment.pay_id), findings);
      const order = orders.get(payment.order_id);
      if (!order) {
        findings.note('a payment has its order', payment.pay_id);
        continue;
      }
      const amounts = booked.get(payment.pay_id)?.amounts ?? [];
      const known: Case = { payment, order, booked: amounts, points: pointsOfPayment.get(payment.pay_id) };
      auditMoney(known, findings);
      auditPoints(known, findings);
    }
    logRows += logs.length;
    pointsRows += points.reduce((sum, row) => sum + row.row_count, 0);
  }
  await payLogStrays(readers, logRows, (key) => findings.note('pay log rows belong to payments', key));
  await pointsStrays(readers, pointsRows, (key) =>
    findings.note('points ledger rows belong to payments', key),
  );
}

const pairsOf = (payments: readonly PaidRow[], orders: ReadonlyMap<string, AuditedOrder>): string[][] => {
  const known = payments.filter((payment) => orders.has(payment.order_id));
  return [
    known.map((payment) => orders.get(payment.order_id)?.user_id ?? ''),
    known.map((payment) => payment.pay_id),
  ];
};

const isPaid = (payment: PaidRow): boolean => payment.is_paid === 2;

function auditLog(
  payment: PaidRow,
  log: Omit<PaidRow, 'is_paid'> | undefined,
  findings: Findings<PaymentRule>,
): void {
  const holds = isPaid(payment)
    ? log?.order_id === payment.order_id && log.pay_amount === payment.pay_amount
    : log === undefined;
  findings.expect(holds, 'a payment has a pay log row exactly if it is paid', payment.pay_id);
}

function auditMoney({ payment, order, booked }: Case, findings: Findings<PaymentRule>): void {
  if (isPaid(payment)) {
    const holds =
      [1, 4].includes(order.order_status) &&
      order.pay_status === 2 &&
      order.pay_id === payment.pay_id &&
      order.pay_amount === payment.pay_amount;
    findings.expect(holds, 'a paid payment is what its order is paid by', payment.pay_id);
  }
  if (isPaid(payment) && order.order_status === 1) {
    const rule = 'a paid payment of a confirmed order has one booked transaction';
    findings.expect(booked.length === 1, rule, payment.pay_id);
  } else if (!isCompensating(order)) {
    findings.expect(booked.length === 0, 'no other payment has a booked transaction', payment.pay_id);
  }
  const rightAmount = booked.every((amount) => amount === payment.pay_amount);
  findings.expect(rightAmount, 'a booked transaction is of the amount due', payment.pay_id);
}

/** Points of 0 may have a row or none; a refund that came before the points has kept them from being given (R2). */
function auditPoints({ payment, order, points }: Case, findings: Findings<PaymentRule>): void {
  const due = isPaid(payment) ? pointsOf(money(payment.pay_amount)) : 0;
  const given = points?.given ?? 0;
  const isRefunded = order.order_status === 4;
  const rightlyGiven = given === due || (isRefunded && given === 0);
  findings.expect(rightlyGiven, 'points are given exactly for paid payments', payment.pay_id);
  if (isCompensating(order)) return;
  const takenBackDue = isRefunded ? given : 0;
  const holds = (points?.taken_back ?? 0) === takenBackDue;
  findings.expect(holds, 'points are taken back exactly for refunded orders', payment.pay_id);
}

/** While a refund runs the books may say either; that it runs is a finding of its own. */
const isCompensating = (order: AuditedOrder): boolean => [1, 3].includes(order.compensation_status);
