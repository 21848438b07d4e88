// Whatever is taken, given back and restocked, repeated and batched: the stock is the sum of its ledger, and
// what a simple model of the rules says. Wallets likewise.
import fc from 'fast-check';
import { goodsDecider, type Goods, type GoodsFact } from '../../actors/domain/goods';
import { add, money, subtract, type Money } from '../../actors/domain/money';
import type { Fate, Store, StoreEntry } from '../../actors/domain/ports/store';
import { walletDecider, type Wallet, type WalletFact } from '../../actors/domain/wallet';
import { createGoodsStore } from '../../persistence/stores/goods';
import { createWalletStore } from '../../persistence/stores/wallet';
import { emptyTables, no, NOW, onBothDatabases, runSql, stagingOf } from './stores-world';

const RUNS = 40;

interface Step {
  readonly act: 'take' | 'give back' | 'add';
  readonly entity: number;
  readonly key: number;
  readonly quantity: number;
}

const steps = fc.array(
  fc.record<Step>({
    act: fc.constantFrom('take', 'take', 'give back', 'add'),
    // 3 does not exist.
    entity: fc.integer({ min: 1, max: 3 }),
    key: fc.integer({ min: 1, max: 6 }),
    quantity: fc.integer({ min: 1, max: 4 }),
  }),
  { maxLength: 40 },
);
/** How many steps wait for one flush, again and again. */
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });

/** The rules without a database: what was taken is remembered, and given back as it was taken. */
class Model {
  readonly balance = new Map([
    [1, 200],
    [2, 200],
  ]);
  private readonly rows = new Map<string, number>();

  /** @returns whether it has an effect or is remembered now */
  apply({ act, entity, key, quantity }: Step): boolean {
    const balance = this.balance.get(entity);
    const taken = `${entity}:${key}:1`;
    const [row, change] =
      act === 'take'
        ? [taken, -quantity]
        : act === 'add'
          ? [`${entity}:${key}:3`, quantity]
          : [`${entity}:${key}:2`, this.rows.get(taken) ?? 0];
    if (this.rows.has(row) || (balance === undefined && act !== 'give back')) return false;
    this.rows.set(row, change);
    if (act === 'take') this.rows.set(taken, quantity);
    if (act === 'give back' && !this.rows.has(taken)) this.rows.set(taken, 0);
    if (balance !== undefined) this.balance.set(entity, balance + change);
    return true;
  }
}

/** Batches as the committer makes them: no two entries with a conflict key in common, in their order. */
function* batchesOf<Entry>(
  entries: readonly Entry[],
  keysOf: (entry: Entry) => readonly string[],
  limits: number[],
) {
  let batch: Entry[] = [];
  let used = new Set<string>();
  let turn = 0;
  for (const entry of entries) {
    const keys = keysOf(entry);
    if (batch.length >= (limits[turn % limits.length] ?? 1) || keys.some((key) => used.has(key))) {
      yield batch;
      [batch, used, turn] = [[], new Set(), turn + 1];
    }
    batch.push(entry);
    for (const key of keys) used.add(key);
  }
  if (batch.length > 0) yield batch;
}

async function play<State, Fact>(
  store: Store<State, Fact, unknown>,
  entries: readonly StoreEntry<State, Fact>[],
  limits: number[],
): Promise<Fate[]> {
  const fates: Fate[] = [];
  for (const batch of batchesOf(entries, (entry) => store.conflictKeys(entry), limits)) {
    fates.push(...(await store.write(batch)));
  }
  return fates;
}

onBothDatabases((database) => {
  const parts = () => ({ writer: database(), reader: database(), now: () => NOW });

  const check = <State, Fact>(
    open: string,
    audit: string,
    store: () => Store<State, Fact, unknown>,
    entryOf: (step: Step) => StoreEntry<State, Fact>,
  ) =>
    fc.assert(
      fc.asyncProperty(steps, sizes, async (played, limits) => {
        await emptyTables(database());
        await runSql(database(), open);
        const model = new Model();
        const expected = played.map((step) => model.apply(step));
        const fates = await play(store(), played.map(entryOf), limits);
        expect(fates.map((fate) => fate !== 'conflict')).toEqual(expected);
        const books = await runSql(database(), audit);
        expect(books).toEqual(
          [...model.balance].map(([entity, balance]) => ({ id: entity, balance, ledger: balance - 200 })),
        );
      }),
      { numRuns: RUNS },
    );

  it('R2, R5: stock', async () => {
    const entries = stagingOf<Goods, GoodsFact>(goodsDecider);
    const factOf = ({ act, key, quantity }: Step): GoodsFact => {
      switch (act) {
        case 'take':
          return { type: 'StockTaken', orderId: no(`${key}`), quantity };
        case 'give back':
          return { type: 'StockGivenBack', orderId: no(`${key}`), quantity };
        case 'add':
          return { type: 'Restocked', requestKey: `${key}`, quantity };
      }
    };
    await check(
      `insert into trade_goods (goods_id, goods_name, goods_number, goods_price) values (1, '', 200, 1), (2, '', 200, 1)`,
      `select goods_id::int as id, g.goods_number as balance, coalesce(sum(l.goods_number), 0)::int as ledger
       from trade_goods g left join trade_goods_number_log l using (goods_id) group by goods_id order by goods_id`,
      () => createGoodsStore(parts()),
      (step) => entries(`${step.entity}`, undefined, { facts: [factOf(step)] })[0]!,
    );
  }, 120_000);

  it('R2, R5: wallet money, and points as its shadow', async () => {
    const entries = stagingOf<Wallet, WalletFact>(walletDecider);
    const factsOf = ({ act, key, quantity }: Step): WalletFact[] => {
      const amount = money(`${quantity}`);
      const [orderId, payId] = [no<never>(`${key}`), no<never>(`${key}`)];
      switch (act) {
        case 'take':
          return [
            { type: 'MoneyTaken', orderId, amount },
            { type: 'PointsAdded', payId, points: quantity },
          ];
        case 'give back':
          return [
            { type: 'MoneyGivenBack', orderId, amount },
            { type: 'PointsTakenBack', payId, points: quantity },
          ];
        case 'add':
          return [{ type: 'Recharged', requestKey: `${key}`, amount }];
      }
    };
    await check(
      `insert into trade_user (user_id, user_name, user_money) values (1, '', 200), (2, '', 200)`,
      `select user_id::int as id, user_money::int as balance, coalesce(sum(
           case money_log_type when 1 then -use_money else use_money end), 0)::int as ledger
       from trade_user u left join trade_user_money_log l using (user_id)
       where user_score = (select coalesce(sum(score), 0) from trade_user_score_log s where s.user_id = u.user_id)
       group by user_id order by user_id`,
      () => createWalletStore(parts()),
      (step) => entries(`${step.entity}`, undefined, { facts: factsOf(step) })[0]!,
    );
  }, 120_000);

  it('R3: an actor that is alone believes what the database holds', async () => {
    const entries = stagingOf<Wallet, WalletFact>(walletDecider);
    const amounts = fc.array(fc.integer({ min: 1, max: 9_999 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(amounts, sizes, async (cents, limits) => {
        await emptyTables(database());
        await runSql(
          database(),
          `insert into trade_user (user_id, user_name, user_money) values (1, '', 2000)`,
        );
        const store = createWalletStore(parts());
        const [loaded] = await store.load([{ id: '1' }]);
        const facts = cents.map((amount, place): WalletFact => {
          const sum = (amount / 100).toFixed(2);
          return place % 3 === 2
            ? { type: 'Recharged', requestKey: `${place}`, amount: money(sum) }
            : { type: 'MoneyTaken', orderId: no(`${place}`), amount: money(sum) };
        });
        const staged = entries('1', loaded?.state, ...facts.map((fact) => ({ facts: [fact] })));
        // Each batch as the entity stages it: an entry's state is what its flush must find.
        expect(new Set(await play(store, staged, limits))).toEqual(new Set(['applied']));
        const total = facts.reduce<Money>(
          (sum, fact) =>
            fact.type === 'Recharged'
              ? add(sum, fact.amount)
              : subtract(sum, (fact as { amount: Money }).amount),
          money('2000'),
        );
        expect((await store.load([{ id: '1' }]))[0]?.state?.money).toBe(total);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});
