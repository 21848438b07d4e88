// An operator's view: reads the books of every kind, and re-drives what was given up.
import type { Instant, Kind } from '../actors/domain/envelope';
import { groupsOf, type Stream, type Tag } from '../actors/domain/events';
import { isId } from '../actors/domain/ids';
import type { Operations, Row } from '../actors/domain/operations';
import type { DeadLetter, DeadLetters } from '../actors/domain/ports/inbox';
import type { Outbox } from '../actors/domain/ports/outbox';
import { audit } from './audit';
import * as queries from './operation-queries';
import { listOpenRefunds } from './open-refunds';
import { rowOf } from './row-names';
import type { Queryable, Statement } from './session';
import { listStuck } from './stuck-orders';

export interface OperationsParts {
  /** The same object for kinds that share a database. */
  readonly readers: Readonly<Record<Kind, Queryable>>;
  /** The same for the audit, whose statements go through whole tables. */
  readonly patientReaders: Readonly<Record<Kind, Queryable>>;
  /** One a database, as are the outboxes. */
  readonly deadLetters: readonly DeadLetters[];
  readonly outboxes: readonly Outbox[];
  readonly now: () => Instant;
}

export function createOperations(parts: OperationsParts): Operations {
  const { readers, patientReaders, deadLetters, outboxes, now } = parts;
  return {
    order: (orderId) => (isId(orderId) ? orderOf(parts, orderId) : Promise.resolve(undefined)),
    payment: (payId) => (isId(payId) ? paymentOf(parts, payId) : Promise.resolve(undefined)),
    stuckOrders: (which) => listStuck(readers, which, now()),
    openRefunds: (page) => listOpenRefunds(readers, page),
    deadLetters: async (limit, after) =>
      pageOf(await Promise.all(deadLetters.map((letters) => letters.list(limit, after))), limit),
    retrying: async (limit, after) =>
      pageOf(await Promise.all(deadLetters.map((letters) => letters.retrying(limit, after))), limit),
    redrive: async (which) =>
      sum(await Promise.all(deadLetters.map((letters) => letters.redrive(which, now())))),
    outbox: async () => {
      const counts = await Promise.all(outboxes.map((outbox) => outbox.counts()));
      return {
        unsent: sum(counts.map((count) => count.unsent)),
        sent: sum(counts.map((count) => count.sent)),
        oldestUnsent: counts.flatMap((count) => count.oldestUnsent ?? []).sort()[0],
      };
    },
    replay: async (topic, key) => sum(await Promise.all(outboxes.map((outbox) => outbox.replay(topic, key)))),
    audit: (options) => audit(patientReaders, options),
  };
}

/** One page of several databases; each of their lists is in the order of its cursor, `<group>|<tag>|<key>`, by bytes. */
function pageOf<Letter extends DeadLetter>(
  lists: readonly (readonly Letter[])[],
  limit: number,
): readonly Letter[] {
  const [only, ...others] = lists;
  if (only && others.length === 0) return only;
  return lists
    .flat()
    .sort((left, right) => Buffer.compare(cursorOf(left), cursorOf(right)))
    .slice(0, limit);
}

const cursorOf = ({ group, tag, key }: DeadLetter): Buffer => Buffer.from(`${group}|${tag}|${key}`);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const rows = async (
  reader: Queryable,
  statement: Statement,
  values: readonly unknown[],
): Promise<readonly Row[]> => (await reader.query<object>(statement, values)).map(rowOf);

async function orderOf(parts: OperationsParts, orderId: string): Promise<Row | undefined> {
  const { readers } = parts;
  const [order] = await rows(readers.order, queries.ORDER, [orderId]);
  if (!order) return undefined;
  const several = await rows(readers.order, queries.LINES, [orderId]);
  const lines = several.length > 0 ? several : [soleLine(order)];
  const payments = await rows(readers.payment, queries.PAYMENTS_OF_ORDER, [orderId]);
  const { couponId } = order;
  const goodsIds = lines.map((line) => String(line['goodsId']));
  const keys = [orderId, ...goodsIds.map((goodsId) => `${orderId}:${goodsId}`)];
  return {
    ...order,
    lines,
    stockLog: await rows(readers.goods, queries.STOCK_LOG, [orderId]),
    moneyLog: await rows(readers.wallet, queries.MONEY_LOG, [order['userId'], orderId]),
    couponLog:
      couponId === undefined ? [] : await rows(readers.coupon, queries.COUPON_LOG, [couponId, orderId]),
    payments: await Promise.all(payments.map((payment) => detailsOf(parts, payment, order['userId']))),
    ...(await eventsOf(parts, 'orderTopic', ['order_confirm', 'order_cancel'], keys)),
  };
}

/** The line of an order that has one: it is in the order's own row. */
const soleLine = ({ orderId, goodsId, goodsNumber, goodsPrice }: Row): Row => ({
  orderId,
  goodsId,
  goodsNumber,
  goodsPrice,
});

async function paymentOf(parts: OperationsParts, payId: string): Promise<Row | undefined> {
  const [payment] = await rows(parts.readers.payment, queries.PAYMENT, [payId]);
  if (!payment) return undefined;
  const [owner] = await rows(parts.readers.order, queries.ORDER_OWNER, [payment['orderId']]);
  const details = await detailsOf(parts, payment, owner?.['userId']);
  const transactions = details['transactions'] as readonly Row[];
  const keys = [payId, ...transactions.map((transaction) => String(transaction['transactionId']))];
  return { ...details, ...(await eventsOf(parts, 'payTopic', ['pay_status', 'pay_refund'], keys)) };
}

/** A payment with its transactions, its log and the points that were given for it. */
async function detailsOf({ readers }: OperationsParts, payment: Row, userId: unknown): Promise<Row> {
  const payId = payment['payId'];
  const [log] = await rows(readers['pay-log'], queries.PAY_LOG, [payId]);
  return {
    ...payment,
    transactions: await rows(readers.payment, queries.TRANSACTIONS, [payId]),
    scoreLog: userId === undefined ? [] : await rows(readers.wallet, queries.SCORE_LOG, [userId, payId]),
    ...(log ? { payLog: log } : {}),
  };
}

/** What is still on its way out, and what each group has made of what arrived. */
async function eventsOf(
  { readers }: OperationsParts,
  topic: Stream,
  tags: readonly Tag[],
  keys: readonly string[],
): Promise<{ outbox: readonly Row[]; inbox: readonly Row[] }> {
  const groups = tags.flatMap((tag) => groupsOf(tag)).map((group) => group.name);
  const databases = [...new Set(Object.values(readers))];
  const outbox = await Promise.all(databases.map((reader) => rows(reader, queries.OUTBOX, [topic, keys])));
  const inbox = await Promise.all(
    databases.map((reader) => rows(reader, queries.INBOX, [groups, tags, [...new Set(keys)]])),
  );
  return { outbox: outbox.flat(), inbox: inbox.flat() };
}
