// Stock in the database moves once an order, whatever is repeated, late or out of order.
import { goodsDecider, type Goods, type GoodsFact } from '../../actors/domain/goods';
import { money } from '../../actors/domain/money';
import { createGoodsStore } from '../../persistence/stores/goods';
import { claimOf, no, NOW, onBothDatabases, runSql, stagingOf } from './stores-world';

const CUP = '345959443973935104';

const cups = (stock: number): Goods => ({
  goodsId: no(CUP),
  name: 'a "cup", {large}',
  description: 'a\\b, null',
  price: money('4780.00'),
  stock,
  addTime: NOW,
});
const taken = (order: number, quantity: number): GoodsFact => ({
  type: 'StockTaken',
  orderId: no(`${order}`),
  quantity,
});
const givenBack = (order: number, quantity: number): GoodsFact => ({
  type: 'StockGivenBack',
  orderId: no(`${order}`),
  quantity,
});
const restocked = (key: number, quantity: number): GoodsFact => ({
  type: 'Restocked',
  requestKey: `${key}`,
  quantity,
});

const entries = stagingOf<Goods, GoodsFact>(goodsDecider);
/** One entry a fact. */
const each = (goods: Goods | undefined, ...facts: GoodsFact[]) =>
  entries(goods?.goodsId ?? CUP, goods, ...facts.map((fact) => ({ facts: [fact] })));

onBothDatabases((database) => {
  const store = () => createGoodsStore({ writer: database(), reader: database(), now: () => NOW });
  const create = (stock: number) =>
    store().write(each(undefined, { type: 'GoodsCreated', goods: cups(stock) }));
  const find = async (recordKey?: string) =>
    (await store().load([{ id: CUP, ...(recordKey === undefined ? {} : { recordKey }) }]))[0]!;
  const stock = async () => (await find()).state?.stock;
  const ledger = async () =>
    (
      await runSql<{ row: string }>(
        database(),
        `select order_id || '/' || log_type || ': ' || goods_number as row from trade_goods_number_log order by order_id, log_type`,
      )
    ).map(({ row }) => row);

  it('R14: new goods bring their opening stock into the ledger, and are loaded as they were made', async () => {
    expect(await create(5)).toEqual(['applied']);
    expect(await find()).toEqual({ state: cups(5), recorded: undefined });
    expect(await ledger()).toEqual(['0/3: 5']);
    expect(await create(7)).toEqual(['conflict']);
    expect(await stock()).toBe(5);
  });

  it('R2, fault 2: a take counts once, however often it is written', async () => {
    await create(5);
    expect(await store().write(each(cups(5), taken(1, 2)))).toEqual(['applied']);
    expect(await store().write(each(cups(3), taken(1, 2)))).toEqual(['conflict']);
    expect(await stock()).toBe(3);
    expect((await find('1')).recorded).toEqual({ taken: 2 });
  });

  it('R2, fault 8: what is given back is what the ledger says, not what is believed', async () => {
    await create(5);
    await store().write(each(cups(5), taken(1, 2)));
    expect(await store().write(each(cups(3), givenBack(1, 4)))).toEqual(['stale']);
    expect(await stock()).toBe(5);
    expect(await ledger()).toEqual(['0/3: 5', '1/1: -2', '1/2: 2']);
  });

  it('R2, fault 9: nothing is given back twice, nor without a take', async () => {
    await create(5);
    await store().write(each(cups(5), taken(1, 2)));
    expect(await store().write(each(cups(3), givenBack(1, 2)))).toEqual(['applied']);
    expect(await store().write(each(cups(5), givenBack(1, 2)))).toEqual(['conflict']);
    expect(await store().write(each(cups(5), givenBack(2, 0)))).toEqual(['applied']);
    expect(await store().write(each(cups(5), givenBack(3, 2)))).toEqual(['stale']);
    expect(await stock()).toBe(5);
  });

  it('R2: a take that comes after its give-back is refused', async () => {
    await create(5);
    expect(await store().write(each(cups(5), givenBack(1, 0)))).toEqual(['applied']);
    expect(await store().write(each(cups(5), taken(1, 2)))).toEqual(['conflict']);
    expect(await stock()).toBe(5);
    expect((await find('1')).recorded).toEqual({ taken: 0, givenBack: true });
  });

  it('R2: goods that do not exist take nothing, and remember what was given back', async () => {
    expect(await store().write(each(undefined, taken(1, 2), restocked(9, 1)))).toEqual([
      'conflict',
      'conflict',
    ]);
    expect(await ledger()).toEqual([]);
    expect(await store().write(each(undefined, givenBack(2, 0), taken(1, 1)))).toEqual([
      'applied',
      'conflict',
    ]);
    expect(await ledger()).toEqual(['2/1: 0', '2/2: 0']);
  });

  it('R3: tells the fate of every entry of a batch', async () => {
    await create(10);
    await store().write(each(cups(10), taken(1, 1), taken(2, 2)));
    const batch = each(cups(7), taken(1, 1), givenBack(2, 2), taken(3, 1));
    expect(await store().write(batch)).toEqual(['conflict', 'stale', 'stale']);
    expect(await stock()).toBe(8);
  });

  it('R3: a stock or a price that was changed behind the actor makes an entry stale', async () => {
    await create(10);
    await runSql(database(), `update trade_goods set goods_price = 5000`);
    expect(await store().write(each(cups(10), taken(1, 1)))).toEqual(['stale']);
    await runSql(database(), `update trade_goods set goods_price = 4780, goods_number = 20`);
    expect(await store().write(each(cups(9), taken(2, 1)))).toEqual(['stale']);
    expect(await stock()).toBe(19);
  });

  it('R5: all changes of one item in a batch are summed', async () => {
    await create(100);
    await store().write(each(cups(100), taken(1, 1), taken(2, 2)));
    const price = { type: 'PriceChanged', price: money('1.50') } as const;
    const batch = each(
      cups(97),
      taken(3, 3),
      givenBack(1, 1),
      restocked(5, 10),
      price,
      taken(4, 4),
      givenBack(2, 2),
    );
    expect(await store().write(batch)).toEqual(Array(6).fill('applied'));
    expect((await find()).state).toEqual({ ...cups(103), price: '1.50' });
  });

  it('R5: keeps apart what may not share a statement', () => {
    const keys = ([entry]: ReturnType<typeof each>) => store().conflictKeys(entry!);
    expect(keys(each(cups(1), taken(1, 1)))).toEqual(keys(each(cups(1), givenBack(1, 1))));
    expect(keys(each(cups(1), taken(1, 1)))).not.toEqual(keys(each(cups(1), taken(2, 1))));
    expect(keys(each(cups(1), taken(1, 1)))).not.toEqual(keys(each(cups(1), restocked(1, 1))));
    expect(keys(entries(CUP, cups(1), { facts: [], inbox: claimOf('7') }))).toEqual([
      'inbox:some_group:order_cancel:7',
    ]);
  });

  it('fault 2: a batch that would oversell fails as a whole, by a CHECK', async () => {
    await create(3);
    await expect(store().write(each(cups(9), taken(1, 2), taken(2, 2)))).rejects.toMatchObject({
      code: '23514',
    });
    expect(await ledger()).toEqual(['0/3: 3']);
  });

  it('R14: a restocking counts once a request key, which is no order', async () => {
    await create(1);
    await store().write(each(cups(1), taken(5, 1)));
    expect(await store().write(each(cups(0), restocked(5, 4)))).toEqual(['applied']);
    expect(await store().write(each(cups(4), restocked(5, 4)))).toEqual(['conflict']);
    expect(await stock()).toBe(4);
    expect((await find('5')).recorded).toEqual({ taken: 1, restocked: 4 });
  });

  it('a price of goods that do not exist is a conflict', async () => {
    expect(await store().write(each(undefined, { type: 'PriceChanged', price: money('1.00') }))).toEqual([
      'conflict',
    ]);
  });

  it('goods that are new in a batch can be taken from in the next', async () => {
    const batch = each(undefined, { type: 'GoodsCreated', goods: cups(5) }, taken(1, 2));
    expect(await store().write(batch)).toEqual(['stale', 'conflict']);
    expect(await stock()).toBe(5);
    expect(await ledger()).toEqual(['0/3: 5']);
  });

  it('loads as many as it is asked for, in that order', async () => {
    await create(5);
    await store().write(each(cups(5), taken(1, 2)));
    const loaded = await store().load([
      { id: '9' },
      { id: CUP, recordKey: '1' },
      { id: CUP },
      { id: CUP, recordKey: '2' },
    ]);
    expect(loaded.map(({ state, recorded }) => [state?.stock, recorded])).toEqual([
      [undefined, undefined],
      [3, { taken: 2 }],
      [3, undefined],
      [3, undefined],
    ]);
    expect(await store().load([])).toEqual([]);
  });

  it('R7: an empty batch writes nothing', async () => {
    expect(await store().write([])).toEqual([]);
  });

  describe('R11: the inbox row', () => {
    const inbox = () =>
      runSql(
        database(),
        `select msg_key, consumer_status as status, consumer_times as times, remark, msg_body as body
        from trade_mq_consumer_log order by msg_key`,
      );
    const done = (key: string, times = 1) => ({ msg_key: key, status: 1, times, remark: '', body: '{}' });

    it('is written with the effect, and not with what had none', async () => {
      await create(5);
      await store().write(each(cups(5), taken(1, 2), taken(2, 1)));
      const [first, other] = [claimOf(`1:${CUP}`), claimOf(`3:${CUP}`)];
      await store().write(entries(CUP, cups(2), { facts: [givenBack(1, 2)], inbox: first }));
      expect(await inbox()).toEqual([done(`1:${CUP}`)]);
      const repeat = entries(CUP, cups(4), { facts: [givenBack(1, 2)], inbox: other });
      expect(await store().write(repeat)).toEqual(['conflict']);
      expect(await inbox()).toEqual([done(`1:${CUP}`)]);
      expect(await store().write(entries(CUP, cups(4), { facts: [], inbox: other }))).toEqual(['applied']);
      expect(await inbox()).toEqual([done(`1:${CUP}`), done(`3:${CUP}`)]);
    });

    it('is not written by an entry that shares its batch with one that is applied', async () => {
      await create(5);
      const batch = entries(
        CUP,
        cups(5),
        { facts: [givenBack(1, 0)], inbox: claimOf('1') },
        { facts: [restocked(0, 1)], inbox: claimOf('2') },
      );
      expect(await store().write(batch)).toEqual(['stale', 'conflict']);
      expect(await inbox()).toEqual([done('1')]);
    });

    it('ends what ran or was parked, and leaves alone what is done', async () => {
      await runSql(
        database(),
        `insert into trade_mq_consumer_log (msg_id, group_name, msg_tag, msg_key, msg_body, consumer_status, consumer_times, remark)
         values ('m', 'some_group', 'order_cancel', 'a', '{}', 0, 2, 'x'), ('m', 'some_group', 'order_cancel', 'b', '{}', 2, 3, 'x'),
           ('m', 'some_group', 'order_cancel', 'c', '{}', 1, 0, 'kept')`,
      );
      const steps = ['a', 'b', 'c'].map((key) => ({ facts: [], inbox: claimOf(key) }));
      expect(await store().write(entries(CUP, cups(1), ...steps))).toEqual(Array(3).fill('applied'));
      expect(await inbox()).toEqual([done('a', 2), done('b', 3), { ...done('c', 0), remark: 'kept' }]);
    });

    it('holds whatever a body may be', async () => {
      const inboxOf = { ...claimOf('1', 'a\0"b\\,{}'), messageId: '\0' };
      await store().write(entries(CUP, cups(1), { facts: [], inbox: inboxOf }));
      expect(await inbox()).toEqual([{ ...done('1'), body: 'a\uFFFD"b\\,{}' }]);
    });
  });
});
