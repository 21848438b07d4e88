// Two owners write at once, a stale one and its successor: nothing is oversold, given back twice or lost, and
// neither ends in a deadlock. Only a server has two connections, so PGlite has no part in this.
import { couponDecider, type Coupon, type CouponFact } from '../../actors/domain/coupon';
import { goodsDecider, type Goods, type GoodsFact } from '../../actors/domain/goods';
import { money } from '../../actors/domain/money';
import type { Fate, Store, StoreEntry } from '../../actors/domain/ports/store';
import { walletDecider, type Wallet, type WalletFact } from '../../actors/domain/wallet';
import type { Queryable } from '../../persistence/session';
import { createCouponStore } from '../../persistence/stores/coupon';
import { createGoodsStore } from '../../persistence/stores/goods';
import { createWalletStore } from '../../persistence/stores/wallet';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { until } from '../helpers/servers';
import { emptyTables, no, NOW, runSql, stagingOf } from './stores-world';

const ROUNDS = 60;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, place) => place + 1);
const rowsOf = (count: number): string => `generate_series(1, ${count}) as n`;

let database: TestDatabase;
let one: Queryable;
let other: Queryable;
const sessions: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await DATABASES.find(({ name }) => name === 'PostgreSQL')!.open();
  const opened = await Promise.all([database.openSession('one'), database.openSession('other')]);
  sessions.push(...opened);
  [one, other] = opened;
});
beforeEach(() => emptyTables(database.reader));
afterAll(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  await database.drop();
});

/** Both write their batches at once; a batch that the stock does not allow is written entry by entry. */
async function writeAlone<State, Fact>(store: Store<State, Fact, unknown>, batch: StoreEntry<State, Fact>[]) {
  const refused = (error: unknown): Fate[] => {
    if ((error as { code?: string }).code !== '23514') throw error;
    return ['conflict'];
  };
  try {
    return [...(await store.write(batch))];
  } catch (error) {
    refused(error);
    const fates: Fate[] = [];
    for (const entry of batch) fates.push(...(await store.write([entry]).catch(refused)));
    return fates;
  }
}

const countDone = (fates: readonly Fate[]): number => fates.filter((fate) => fate !== 'conflict').length;

/** Starts the second write while the first is not committed, and ends the first once the second waits for it. */
async function whileUncommitted<Result>(
  first: () => Promise<unknown>,
  end: 'commit' | 'rollback',
  second: () => Promise<Result>,
): Promise<Result> {
  await runSql(one, 'begin');
  await first();
  const result = second();
  await until('the second to wait for the first', async () => {
    const waiting = await runSql(
      database.reader,
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return waiting.length > 0;
  });
  await runSql(one, end);
  return result;
}

describe('stock', () => {
  const entries = stagingOf<Goods, GoodsFact>(goodsDecider);
  const storeOn = (writer: Queryable) => createGoodsStore({ writer, reader: writer, now: () => NOW });
  const take = (goods: number, order: number, quantity = 1) =>
    entries(`${goods}`, undefined, { facts: [{ type: 'StockTaken', orderId: no(`${order}`), quantity }] });
  const giveBack = (goods: number, order: number, quantity = 1) =>
    entries(`${goods}`, undefined, {
      facts: [{ type: 'StockGivenBack', orderId: no(`${order}`), quantity }],
    });
  const open = (count: number, stock: number) =>
    runSql(
      database.reader,
      `insert into trade_goods (goods_id, goods_name, goods_number, goods_price) select n, '', ${stock}, 1 from ${rowsOf(count)}`,
    );
  const stock = () =>
    runSql(database.reader, 'select goods_number as stock from trade_goods order by goods_id');

  it('R2: a give-back gives what a take took that commits while the give-back waits', async () => {
    await open(1, 5);
    const fates = await whileUncommitted(
      () => storeOn(one).write(take(1, 1, 2)),
      'commit',
      () => storeOn(other).write(giveBack(1, 1, 0)),
    );
    expect(fates).toEqual(['stale']);
    expect(await stock()).toEqual([{ stock: 5 }]);
    const rows = await runSql(
      database.reader,
      'select goods_number as n from trade_goods_number_log order by log_type',
    );
    expect(rows).toEqual([{ n: -2 }, { n: 2 }]);
  });

  it('R2: so it does where the goods themselves hold nobody up', async () => {
    // No goods: only the ledger's rows are there to be waited for.
    const fates = await whileUncommitted(
      () => storeOn(one).write(giveBack(1, 1, 0)),
      'commit',
      () => storeOn(other).write(giveBack(1, 1, 0)),
    );
    expect(fates).toEqual(['conflict']);
  });

  it('R2: a take is refused when a give-back commits before it', async () => {
    await open(1, 5);
    const fates = await whileUncommitted(
      () => storeOn(one).write(giveBack(1, 1, 0)),
      'commit',
      () => storeOn(other).write(take(1, 1, 2)),
    );
    expect(fates).toEqual(['conflict']);
    expect(await stock()).toEqual([{ stock: 5 }]);
  });

  it('R3: a take is applied when the same take before it is rolled back', async () => {
    await open(1, 5);
    const fates = await whileUncommitted(
      () => storeOn(one).write(take(1, 1, 2)),
      'rollback',
      () => storeOn(other).write(take(1, 1, 2)),
    );
    expect(fates).not.toEqual(['conflict']);
    expect(await stock()).toEqual([{ stock: 3 }]);
  });

  it('fault 2: takes and give-backs of the same orders at once never oversell nor give back twice', async () => {
    const GOODS = 3;
    const ORDERS = 12;
    await open(GOODS, 8);
    let done = 0;
    for (const round of numbers(ROUNDS)) {
      const keys = numbers(ORDERS).flatMap((order) =>
        numbers(GOODS).map((goods) => [goods, round * 1000 + order] as const),
      );
      const takes = keys.flatMap(([goods, order]) => take(goods, order));
      const gifts = keys.flatMap(([goods, order]) => giveBack(goods, order)).reverse();
      const mixed = keys.flatMap(([goods, order]) =>
        order % 2 === 0 ? take(goods, order) : giveBack(goods, order),
      );
      const [mine, yours] = round % 2 === 0 ? [takes, gifts] : [takes, mixed];
      const fates = await Promise.all([writeAlone(storeOn(one), mine), writeAlone(storeOn(other), yours)]);
      // A give-back is never missed for a take that commits while it is under way.
      if (yours === gifts) expect(fates[1]).not.toContain('conflict');
      const last = await writeAlone(storeOn(one), gifts);
      done += countDone(fates.flat()) + countDone(last);
    }
    // All is given back, and each effect that was told of is a row.
    expect(await stock()).toEqual(numbers(GOODS).map(() => ({ stock: 8 })));
    const [books] = await runSql(
      database.reader,
      `select count(*)::int as rows, count(*) filter (where log_type = 1 and goods_number = 0)::int as tombstones,
        sum(goods_number)::int as total from trade_goods_number_log`,
    );
    expect(books).toMatchObject({ rows: done + (books?.['tombstones'] as number), total: 0 });
    expect(
      await runSql(
        database.reader,
        `select b.* from trade_goods_number_log b left join trade_goods_number_log t
           on t.goods_id = b.goods_id and t.order_id = b.order_id and t.log_type = 1
         where b.log_type = 2 and b.goods_number is distinct from -t.goods_number`,
      ),
    ).toEqual([]);
  });
});

describe('coupons', () => {
  const entries = stagingOf<Coupon, CouponFact>(couponDecider);
  const storeOn = (writer: Queryable) => createCouponStore({ writer, reader: writer, now: () => NOW });
  const coupon = (number: number): Coupon => ({
    couponId: no(`${number}`),
    price: money('5.00'),
    userId: no('10'),
    orderId: undefined,
    usedTime: undefined,
  });
  const use = (number: number, order: number) =>
    entries(`${number}`, coupon(number), {
      facts: [{ type: 'CouponUsed', orderId: no(`${order}`), price: money('5.00'), at: NOW }],
    });
  const giveBack = (number: number, order: number) =>
    entries(`${number}`, coupon(number), {
      facts: [{ type: 'CouponGivenBack', orderId: no(`${order}`), used: true }],
    });
  const open = (count: number) =>
    runSql(
      database.reader,
      `insert into trade_coupon (coupon_id, coupon_price, user_id) select n, 5, 10 from ${rowsOf(count)}`,
    );
  const orders = async () =>
    (
      await runSql<{ order_id: string }>(
        database.reader,
        'select order_id from trade_coupon order by coupon_id',
      )
    ).map((row) => row.order_id);

  it('fault 3: the second of two orders at once gets nothing, and no ledger row that says so', async () => {
    await open(1);
    const fates = await whileUncommitted(
      () => storeOn(one).write(use(1, 1)),
      'commit',
      () => storeOn(other).write(use(1, 2)),
    );
    expect(fates).toEqual(['conflict']);
    expect(await orders()).toEqual(['1']);
    expect(await runSql(database.reader, 'select order_id from trade_coupon_log')).toEqual([
      { order_id: '1' },
    ]);
  });

  it('R2: a give-back frees what a use used that commits while the give-back waits', async () => {
    await open(1);
    const fates = await whileUncommitted(
      () => storeOn(one).write(use(1, 1)),
      'commit',
      () => storeOn(other).write(giveBack(1, 1)),
    );
    expect(fates).toEqual(['applied']);
    expect(await orders()).toEqual([null]);
  });

  it('fault 3: of two orders at once, one has each coupon, as the ledger says', async () => {
    const COUPONS = 20;
    await open(COUPONS);
    for (const round of numbers(ROUNDS)) {
      const [mine, yours] = [2 * round, 2 * round + 1];
      const uses = (order: number) => numbers(COUPONS).flatMap((number) => use(number, order));
      const [first, second] = await Promise.all([
        storeOn(one).write(uses(mine)),
        storeOn(other).write(uses(yours).reverse()),
      ]);
      expect(countDone(first) + countDone(second)).toBe(COUPONS);
      const standing = await runSql<{ order_id: string }>(
        database.reader,
        `select u.order_id from trade_coupon_log u where log_type = 1 and coupon_price >= 0 and not exists (
           select from trade_coupon_log b where b.coupon_id = u.coupon_id and b.order_id = u.order_id and b.log_type = 2)
         order by coupon_id`,
      );
      expect(standing.map((row) => row.order_id)).toEqual(await orders());
      const gifts = (order: number) => numbers(COUPONS).flatMap((number) => giveBack(number, order));
      await Promise.all([storeOn(one).write(gifts(mine)), storeOn(other).write(gifts(yours))]);
      expect(new Set(await orders())).toEqual(new Set([null]));
    }
  });
});

describe('wallets', () => {
  const entries = stagingOf<Wallet, WalletFact>(walletDecider);
  const storeOn = (writer: Queryable) => createWalletStore({ writer, reader: writer, now: () => NOW });

  it('fault 9: money and points of the same orders at once are given back once', async () => {
    const USERS = 6;
    await runSql(
      database.reader,
      `insert into trade_user (user_id, user_name, user_money) select n, '', 50 from ${rowsOf(USERS)}`,
    );
    for (const round of numbers(ROUNDS)) {
      const ids = numbers(USERS).map(String);
      const orderId = no<never>(`${round}`);
      const payId = no<never>(`${round}`);
      const amount = money('30.00');
      const batchOf = (...facts: WalletFact[]) => ids.flatMap((id) => entries(id, undefined, { facts }));
      const takes = batchOf(
        { type: 'MoneyTaken', orderId, amount },
        { type: 'PointsAdded', payId, points: 3 },
      );
      const gifts = batchOf(
        { type: 'MoneyGivenBack', orderId, amount },
        { type: 'PointsTakenBack', payId, points: 3 },
      );
      await Promise.all([writeAlone(storeOn(one), takes), writeAlone(storeOn(other), [...gifts].reverse())]);
      await Promise.all([writeAlone(storeOn(one), gifts), writeAlone(storeOn(other), [...takes].reverse())]);
    }
    const balances = await runSql(
      database.reader,
      'select distinct user_money as money, user_score as score from trade_user',
    );
    expect(balances).toEqual([{ money: '50.00', score: 0 }]);
  });
});
