import type { Data } from './order-body';
import { Promises, type Witness } from './promises';

const CONFIRMED: Data = { orderId: '1', orderStatus: 1, failCode: null, payStatus: 2, payId: '9' };
const CANCELLED: Data = { ...CONFIRMED, orderStatus: 2, failCode: 10009, payStatus: 0, payId: null };
const EXPIRED: Data = { ...CANCELLED, failCode: 10010, expireTime: '2026-01-01T00:00:00.000Z' };
const BEFORE = Date.parse('2025-12-31T23:59:59.000Z');
const AFTER = Date.parse('2026-01-01T00:00:01.000Z');

const saying = (order: Data | undefined, transactions: readonly Data[] = []): Witness => ({
  order: () => Promise.resolve(order),
  transactions: () => Promise.resolve(transactions),
});

const promises = (make: (promises: Promises) => void): Promises => {
  const made = new Promises();
  make(made);
  return made;
};

const confirmed = (made: Promises): void => made.confirmed('key', '1', 'user');

it.each<[string, (made: Promises) => void, Witness]>([
  ['a confirmed order is gone', confirmed, saying(undefined)],
  ['a confirmed order is off', confirmed, saying(CANCELLED)],
  ['a confirmed order is off for another reason', confirmed, saying({ ...EXPIRED, failCode: 20003 })],
  ['a confirmed order was paid and has expired', confirmed, saying({ ...EXPIRED, payStatus: 2 })],
  [
    'a confirmed order has expired before its time',
    confirmed,
    saying({ ...EXPIRED, expireTime: new Date(Date.now() + 60_000).toISOString() }),
  ],
  ['a confirmed order is half-way', confirmed, saying({ ...CONFIRMED, orderStatus: 0 })],
  [
    'a cancelled order is confirmed',
    (made) => {
      confirmed(made);
      made.ends('key', 'cancelled');
    },
    saying(CONFIRMED),
  ],
  [
    'the same key gave two orders',
    (made) => {
      confirmed(made);
      made.confirmed('key', '2', 'user');
    },
    saying(CONFIRMED),
  ],
  ['an acknowledged callback is unknown', (made) => made.calledBack('T', '9'), saying(CONFIRMED)],
  [
    'an acknowledged callback is still due',
    (made) => made.calledBack('T', '9'),
    saying(CONFIRMED, [{ transactionId: 'T', state: 'refund due' }]),
  ],
  [
    'an order that was paid for is not paid',
    (made) => made.paidAtPlatform('9', '1', 'user', BEFORE),
    saying({ ...CONFIRMED, payStatus: 1 }),
  ],
  [
    'an order is paid by another payment',
    (made) => made.paidAtPlatform('8', '1', 'user', BEFORE),
    saying(CONFIRMED),
  ],
  [
    'an order that was paid in time has expired',
    (made) => made.paidAtPlatform('9', '1', 'user', BEFORE),
    saying(EXPIRED),
  ],
  [
    'an order that was paid is off, and nobody has called it off',
    (made) => made.paidAtPlatform('9', '1', 'user', BEFORE),
    saying(CANCELLED),
  ],
  ['something untrue was said', (made) => made.untrue.push('place: 500'), saying(CONFIRMED)],
])('finds out when %s', async (_, make, witness) => {
  expect(await promises(make).broken(witness, 0)).toHaveLength(1);
});

it('has nothing to say when all is kept', async () => {
  const made = promises((all) => {
    confirmed(all);
    all.confirmed('other key', '1', 'user');
    all.ends('other key', 'either');
    all.calledBack('T', '9');
    all.paidAtPlatform('9', '1', 'user', BEFORE);
  });
  expect(await made.broken(saying(CONFIRMED, [{ transactionId: 'T', state: 'booked' }]), 0)).toEqual([]);
});

it.each<[string, (made: Promises) => void, Data]>([
  ['an order that nobody has paid has expired', confirmed, EXPIRED],
  [
    'a cancelled order had expired before',
    (made) => {
      confirmed(made);
      made.ends('key', 'cancelled');
    },
    EXPIRED,
  ],
  ['an order expired before it was paid', (made) => made.paidAtPlatform('9', '1', 'user', AFTER), EXPIRED],
  [
    'who called the order off has paid as well',
    (made) => {
      confirmed(made);
      made.ends('key', 'either');
      made.paidAtPlatform('9', '1', 'user', BEFORE);
    },
    CANCELLED,
  ],
])('is content when %s', async (_, make, order) => {
  expect(await promises(make).broken(saying(order), 0)).toEqual([]);
});

it('waits for what is under way', async () => {
  let asked = 0;
  const witness: Witness = {
    order: () => Promise.resolve({ ...CONFIRMED, payStatus: (asked += 1) < 3 ? 1 : 2 }),
    transactions: () => Promise.resolve([]),
  };
  const made = promises((all) => all.paidAtPlatform('9', '1', 'user', BEFORE));
  const waits: string[] = [];
  expect(await made.broken(witness, 10_000, (why) => waits.push(why))).toEqual([]);
  expect(asked).toBe(3);
  expect(waits).toEqual(Array(2).fill('order 1 was paid by 9 and does not say so'));
});
