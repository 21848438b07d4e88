import type { Data } from './order-body';
import { Promises, type Witness } from './promises';

const CONFIRMED: Data = { orderId: '1', failCode: null, payStatus: 2, payId: '9' };

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
  ['a confirmed order is off', confirmed, saying({ ...CONFIRMED, failCode: 10009 })],
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
  ['an acknowledged callback is unknown', (made) => made.calledBack('9', 'T'), saying(CONFIRMED)],
  [
    'an acknowledged callback is still due',
    (made) => made.calledBack('9', 'T'),
    saying(CONFIRMED, [{ transactionId: 'T', state: 'refund due' }]),
  ],
  [
    'an order that was paid for is not paid',
    (made) => made.paidAtPlatform('9', '1', 'user'),
    saying({ ...CONFIRMED, payStatus: 1 }),
  ],
  ['an order is paid by another payment', (made) => made.paidAtPlatform('8', '1', 'user'), saying(CONFIRMED)],
  ['something untrue was said', (made) => made.untrue.push('place: 500'), saying(CONFIRMED)],
])('finds out when %s', async (_, make, witness) => {
  expect(await promises(make).broken(witness, 0)).toHaveLength(1);
});

it('has nothing to say when all is kept', async () => {
  const made = promises((all) => {
    confirmed(all);
    all.confirmed('other key', '1', 'user');
    all.ends('other key', 'either');
    all.calledBack('9', 'T');
    all.paidAtPlatform('9', '1', 'user');
  });
  expect(await made.broken(saying(CONFIRMED, [{ transactionId: 'T', state: 'booked' }]), 0)).toEqual([]);
});

it('waits for what is under way', async () => {
  let asked = 0;
  const witness: Witness = {
    order: () => Promise.resolve({ ...CONFIRMED, payStatus: (asked += 1) < 3 ? 1 : 2 }),
    transactions: () => Promise.resolve([]),
  };
  const made = promises((all) => all.paidAtPlatform('9', '1', 'user'));
  expect(await made.broken(witness, 10_000)).toEqual([]);
  expect(asked).toBe(3);
});
