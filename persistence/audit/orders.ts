// What each order holds is compared with the ledgers of the other kinds, page by page.
import { BEFORE_ALL } from '../../actors/domain/pages';
import type { Kind } from '../../actors/domain/envelope';
import type { Queryable } from '../session';
import type { Findings } from './findings';
import * as rows from './order-rows';
import { indexBy, LARGEST_ID, pages } from './pages';
import { couponStrays, moneyStrays } from './strays';

export const ORDER_RULES = [
  'a confirmed order holds its stock',
  'an ended order holds no stock',
  'stock ledger rows belong to order lines',
  'a confirmed order has taken its wallet money',
  'an ended order holds no wallet money',
  'money ledger rows belong to orders',
  'a confirmed order has used its coupon',
  'an ended order holds no coupon',
  'coupon ledger rows belong to orders',
  'a paid order has its paid payment',
] as const;
export type OrderRule = (typeof ORDER_RULES)[number];

type Readers = Readonly<Record<Kind, Queryable>>;

/** Compares every order with what the ledgers say of it. */
export async function auditOrders(readers: Readers, findings: Findings<OrderRule>): Promise<void> {
  let after = BEFORE_ALL;
  let moneyRows = 0;
  let couponRows = 0;
  for await (const orders of pages<rows.AuditedOrder>(readers.order, rows.ORDERS, (row) => [row.order_id])) {
    const last = orders.at(-1)?.order_id ?? LARGEST_ID;
    await auditStock(readers, orders, [after, last], findings);
    moneyRows += await auditMoney(readers.wallet, orders, findings);
    couponRows += await auditCoupons(readers.coupon, orders, findings);
    await auditPaid(readers.payment, orders, findings);
    after = last;
  }
  await auditStock(readers, [], [after, LARGEST_ID], findings);
  await moneyStrays(readers, moneyRows, (key) => findings.note('money ledger rows belong to orders', key));
  await couponStrays(readers, couponRows, (key) => findings.note('coupon ledger rows belong to orders', key));
}

type Stage = 'confirmed' | 'ended' | 'half-way';

/** While a compensation runs the books may say either; that it runs is a finding of its own. */
function stageOf(order: rows.AuditedOrder): Stage {
  if (order.order_status === 1) return 'confirmed';
  const settled = order.order_status !== 0 && ![1, 3].includes(order.compensation_status);
  return settled ? 'ended' : 'half-way';
}

async function auditStock(
  readers: Readers,
  orders: readonly rows.AuditedOrder[],
  range: readonly [string, string],
  findings: Findings<OrderRule>,
): Promise<void> {
  const [lines, ledger] = await Promise.all([
    readers.order.query<rows.LineRow>(rows.LINES, range),
    readers.goods.query<rows.StockRow>(rows.STOCK, range),
  ]);
  const several = new Set(lines.map((line) => line.order_id));
  const single = orders.filter((order) => !several.has(order.order_id));
  const keyOf = (row: { order_id: string; goods_id: string }): string => `${row.order_id}:${row.goods_id}`;
  const stages = new Map(orders.map((order) => [order.order_id, stageOf(order)]));
  const unexplained = new Map(ledger.map((row) => [keyOf(row), row]));
  for (const line of [...lines, ...single]) {
    const key = keyOf(line);
    const stage = stages.get(line.order_id);
    if (stage === undefined) continue;
    const row = unexplained.get(key);
    unexplained.delete(key);
    const taken = row?.taken ?? 0;
    const givenBack = row?.given_back ?? false;
    if (stage === 'confirmed') {
      findings.expect(taken === line.goods_number && !givenBack, 'a confirmed order holds its stock', key);
    } else if (stage === 'ended') {
      findings.expect(taken === 0 || givenBack, 'an ended order holds no stock', key);
    }
  }
  for (const key of unexplained.keys()) findings.note('stock ledger rows belong to order lines', key);
}

/** @returns how many ledger rows these orders explain */
async function auditMoney(
  reader: Queryable,
  orders: readonly rows.AuditedOrder[],
  findings: Findings<OrderRule>,
): Promise<number> {
  const ledger = await reader.query<rows.MoneyRow>(rows.MONEY, [
    orders.map((order) => order.user_id),
    orders.map((order) => order.order_id),
  ]);
  const byOrder = indexBy(ledger, (row) => row.order_id);
  for (const order of orders) {
    const row = byOrder.get(order.order_id);
    const taken = row?.taken ?? '0.00';
    const givenBack = row?.given_back ?? false;
    const stage = stageOf(order);
    if (stage === 'confirmed') {
      const holds = taken === order.money_paid && !givenBack;
      findings.expect(holds, 'a confirmed order has taken its wallet money', order.order_id);
    } else if (stage === 'ended') {
      findings.expect(taken === '0.00' || givenBack, 'an ended order holds no wallet money', order.order_id);
    }
  }
  return ledger.reduce((sum, row) => sum + row.row_count, 0);
}

/** @returns how many ledger rows these orders explain */
async function auditCoupons(
  reader: Queryable,
  orders: readonly rows.AuditedOrder[],
  findings: Findings<OrderRule>,
): Promise<number> {
  const withCoupon = orders.filter((order) => order.coupon_id !== null);
  const ledger = await reader.query<rows.CouponRow>(rows.COUPONS, [
    withCoupon.map((order) => order.coupon_id),
    withCoupon.map((order) => order.order_id),
  ]);
  const byOrder = indexBy(ledger, (row) => row.order_id);
  for (const order of orders) {
    const row = byOrder.get(order.order_id);
    const stands = row !== undefined && row.used && !row.given_back;
    const stage = stageOf(order);
    if (stage === 'confirmed') {
      const holds =
        order.coupon_id === null
          ? order.coupon_paid === '0.00'
          : stands && row.price === order.coupon_paid && row.owner === order.user_id;
      findings.expect(holds, 'a confirmed order has used its coupon', order.order_id);
    } else if (stage === 'ended') {
      findings.expect(!stands, 'an ended order holds no coupon', order.order_id);
    }
  }
  return ledger.reduce((sum, row) => sum + Number(row.used) + Number(row.given_back), 0);
}

async function auditPaid(
  reader: Queryable,
  orders: readonly rows.AuditedOrder[],
  findings: Findings<OrderRule>,
): Promise<void> {
  const paid = orders.filter((order) => order.pay_status === 2 && order.pay_amount !== '0.00');
  if (paid.length === 0) return;
  const ids = paid.flatMap((order) => order.pay_id ?? []);
  const payments = await reader.query<rows.PaidRow>(rows.PAYMENTS_BY_ID, [ids]);
  const byId = indexBy(payments, (payment) => payment.pay_id);
  for (const order of paid) {
    const payment = byId.get(order.pay_id ?? '');
    const holds =
      payment?.is_paid === 2 &&
      payment.order_id === order.order_id &&
      payment.pay_amount === order.pay_amount;
    findings.expect(holds, 'a paid order has its paid payment', order.order_id);
  }
}
