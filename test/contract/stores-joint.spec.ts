// Orders that are written with all that they take: the books are those that their sagas would have left, or nothing of
// the write is there.
import { couponDecider } from '../../actors/domain/coupon';
import type { Ask, Decider } from '../../actors/domain/decision';
import type { Kind } from '../../actors/domain/envelope';
import { goodsDecider } from '../../actors/domain/goods';
import { id, type GoodsId, type OrderId, type UserId } from '../../actors/domain/ids';
import { agreement, askedStep, proposalOf, type Joint, type JointStep } from '../../actors/domain/joint';
import { money, ZERO } from '../../actors/domain/money';
import { orderDecider, type OrderFact } from '../../actors/domain/order';
import { eventsOfOrder } from '../../actors/domain/order-events';
import type { Order } from '../../actors/domain/order-state';
import type { OutboxRow } from '../../actors/domain/ports/outbox';
import type { Store } from '../../actors/domain/ports/store';
import { walletDecider } from '../../actors/domain/wallet';
import { createOutbox } from '../../persistence/outbox';
import { isRefusedByDatabase } from '../../persistence/sql-errors';
import { createCouponStore } from '../../persistence/stores/coupon';
import { createGoodsStore } from '../../persistence/stores/goods';
import { createJointStore } from '../../persistence/stores/joint';
import { createOrderStore } from '../../persistence/stores/order';
import { createWalletStore } from '../../persistence/stores/wallet';
import { classicOrder, type Place } from '../helpers/orders';
import { allRows, emptyTables, NOW, onBothDatabases, runSql } from './stores-world';

const { orderId: FIRST, userId: USER, couponId: COUPON = '', lines } = classicOrder();
const CUP = lines[0].goodsId;
const PEN = id<GoodsId>('9');
const OTHER = id<UserId>('11');
const LATER = '2026-01-01T00:00:05.070Z';

const OPENING = [
  `insert into trade_goods (goods_id, goods_name, goods_number, goods_price, add_time) values
    (${CUP}, 'cup', 10, 5000, '${NOW}'), (${PEN}, 'pen', 20, 100, '${NOW}')`,
  `insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type, log_time) values
    (${CUP}, 0, 10, 3, '${NOW}'), (${PEN}, 0, 20, 3, '${NOW}')`,
  `insert into trade_user (user_id, user_name, user_money, user_score, user_reg_time) values
    (${USER}, 'Li', 10000, 7, '${NOW}'), (${OTHER}, 'Wu', 0, 0, '${NOW}')`,
  `insert into trade_user_money_log (user_id, order_id, money_log_type, use_money, create_time)
    values (${USER}, 0, 3, 10000, '${NOW}')`,
  `insert into trade_user_score_log (user_id, pay_id, log_type, score, create_time)
    values (${USER}, 0, 3, 7, '${NOW}')`,
  `insert into trade_coupon (coupon_id, coupon_price, user_id) values (${COUPON}, 20, ${USER})`,
];
const ASKED = [
  ['goods', CUP],
  ['goods', PEN],
  ['wallet', USER],
  ['wallet', OTHER],
  ['coupon', COUPON],
] as const;

const orderId = (number: number): OrderId => id(`70000000000000000${number}`);
const pens = (quantity: number) => ({ goodsId: PEN, quantity, price: money('100') });
/** It takes nothing but goods. */
const bare = (number: number, changes: Partial<Place> = {}): Place =>
  classicOrder({ orderId: orderId(number), couponId: undefined, moneyPaid: ZERO, ...changes });
/** It has nothing in common with the classic one. */
const stranger = (number: number): Place =>
  bare(number, { userId: OTHER, lines: [pens(2)], orderAmount: money('200') });
const twoLines = classicOrder({
  lines: [...lines, pens(3)],
  orderAmount: money('5300'),
  requestKey: 'a:b "c" \\ {},',
  address: 'a "b" {c}, \\d null\n郑州',
  consignee: "O'Neil",
});
/** With the coupon it would cost less than nothing: it ends at once, and has taken everything. */
const overpaid = classicOrder({ moneyPaid: money('5000') });

type Belief = Map<string, object | undefined>;
type AnyDecider = Decider<object, Ask['command'], object, never>;
const DECIDERS = { goods: goodsDecider, wallet: walletDecider, coupon: couponDecider } as unknown as Readonly<
  Record<Kind, AnyDecider>
>;

const evolved = (facts: readonly OrderFact[]): Order | undefined =>
  facts.reduce<Order | undefined>((order, fact) => orderDecider.evolve(order, fact), undefined);

/** Stages an order as the actors do: on what the order before it left of all whom it asks. */
function stage(belief: Belief, place: Place): Joint {
  const proposal = proposalOf(place)!;
  const steps: JointStep[] = [];
  const answers = proposal.asks.map(({ to: { kind, id }, command }) => {
    const decider = DECIDERS[kind];
    const before = belief.get(`${kind} ${id}`);
    const { answer, facts } = agreement(decider.decide(command, before, undefined))!;
    const after = facts.reduce<object | undefined>((state, fact) => decider.evolve(state, fact), before);
    belief.set(`${kind} ${id}`, after);
    if (facts.length > 0) steps.push({ kind, entry: { id, facts, before, after } } as JointStep);
    return answer;
  });
  const { facts } = proposal.begin(answers, LATER)!;
  return { id: place.orderId, facts, before: undefined, after: evolved(facts), steps };
}

onBothDatabases((database) => {
  const announced: OutboxRow[] = [];
  const stores = () => {
    const parts = {
      writer: database(),
      reader: database(),
      now: () => NOW,
      shardOf: (id: string) => Number(id.slice(-2)),
      eventsOf: (fact: OrderFact, order: Order) => eventsOfOrder(fact, order, true),
      onEvents: (rows: readonly OutboxRow[]) => void announced.push(...rows),
    };
    return {
      order: createOrderStore(parts),
      goods: createGoodsStore(parts),
      wallet: createWalletStore(parts),
      coupon: createCouponStore(parts),
      joint: createJointStore(parts),
    };
  };
  const storeOf = (kind: JointStep['kind']) => stores()[kind] as Store<object, unknown, unknown>;
  const write = (...joints: readonly Joint[]) => stores().joint.write(joints);
  const find = async (number: string) => (await stores().order.load([{ id: number }]))[0]!.state;

  /** All whom the orders ask, as they are held now. */
  const held = async (): Promise<Belief> => {
    const belief: Belief = new Map();
    for (const [kind, id] of ASKED)
      belief.set(`${kind} ${id}`, (await storeOf(kind).load([{ id }]))[0]!.state);
    return belief;
  };
  const stageAll = async <Places extends readonly Place[]>(...places: Places) => {
    const belief = await held();
    return places.map((place) => stage(belief, place)) as { [Key in keyof Places]: Joint };
  };
  const texts = async (query: string): Promise<string[]> =>
    (await runSql<{ text: string }>(database(), `select text from (${query}) t order by 1`)).map(
      ({ text }) => text,
    );
  const orders = () => texts('select order_id::text as text from trade_order');
  const taken = () =>
    texts(`
      select concat_ws(' ', order_id, 'goods', goods_id, goods_number) as text
      from trade_goods_number_log where log_type = 1
      union all select concat_ws(' ', order_id, 'wallet', user_id, use_money)
      from trade_user_money_log where money_log_type = 1
      union all select concat_ws(' ', order_id, 'coupon', coupon_id, coupon_price)
      from trade_coupon_log where log_type = 1`);
  const left = () =>
    texts(`select goods_name || ' ' || goods_number as text from trade_goods
      union all select user_name || ' ' || user_money from trade_user`);
  const books = () => allRows(database());
  const open = async (): Promise<void> => {
    for (const text of OPENING) await runSql(database(), text);
  };
  beforeEach(async () => {
    announced.length = 0;
    await open();
  });

  it('an order is in the books with its lines and with all that it takes', async () => {
    const belief = await held();
    const joint = stage(belief, twoLines);
    expect(joint.facts.map(({ type }) => type)).toEqual(['OrderPlaced', 'OrderConfirmed']);
    expect(await write(joint)).toEqual(['applied']);
    const order = await find(FIRST);
    expect(order).toEqual(joint.after);
    expect(order).toMatchObject({ status: 1, version: 2, couponPaid: '20.00', payAmount: '5080.00' });
    expect(order?.lines).toHaveLength(2);
    expect(await texts('select shard::text as text from trade_order')).toEqual(['1']);
    expect(await taken()).toEqual([
      `${FIRST} coupon ${COUPON} 20.00`,
      `${FIRST} goods ${CUP} -1`,
      `${FIRST} goods ${PEN} -3`,
      `${FIRST} wallet ${USER} 200.00`,
    ]);
    expect(await left()).toEqual(['Li 9800.00', 'Wu 0.00', 'cup 9', 'pen 17']);
    expect(await held()).toEqual(belief);
  });

  it.each([
    ['with lines, coupon and money', twoLines],
    ['with a single line', classicOrder()],
    ['that money pays in full', bare(1, { moneyPaid: money('5000') })],
    ['of goods alone', stranger(1)],
    ['that ends at once', overpaid],
  ])('every row of an order %s is the one that its saga would have written', async (_which, place) => {
    const [joint] = await stageAll(place);
    expect(await write(joint)).toEqual(['applied']);
    const jointly = await books();
    await emptyTables(database());
    await open();
    const { id, facts, steps, after } = joint;
    const first = facts.slice(0, 1);
    await stores().order.write([{ id, facts: first, before: undefined, after: evolved(first) }]);
    for (const { kind, entry } of steps) await storeOf(kind).write([entry]);
    await stores().order.write([{ id, facts: facts.slice(1), before: evolved(first), after }]);
    expect(jointly).toEqual(await books());
  });

  it('an order without coupon and money takes goods alone', async () => {
    const [joint] = await stageAll(bare(1));
    expect(joint.steps.map(({ kind }) => kind)).toEqual(['goods']);
    expect(await write(joint)).toEqual(['applied']);
    expect(await taken()).toEqual([`${FIRST} goods ${CUP} -1`]);
  });

  it('R5: what several orders of a write take from the same goods and the same wallet is summed', async () => {
    const paid = (number: number, amount: string) => bare(number, { moneyPaid: money(amount) });
    const joints = await stageAll(paid(1, '200'), paid(2, '300.50'), paid(3, '4000'));
    expect(await write(...joints)).toEqual(['applied', 'applied', 'applied']);
    expect(await left()).toEqual(['Li 5499.50', 'Wu 0.00', 'cup 7', 'pen 20']);
    expect(await taken()).toHaveLength(6);
  });

  it('R15: nothing is taken for an order that is there or whose key is taken, and its neighbours stand', async () => {
    const { requestKey } = twoLines;
    const [standing] = await stageAll(twoLines);
    await write(standing);
    const [underKey, sharing, apart] = await stageAll(bare(2, { requestKey }), bare(3), stranger(4));
    // More cups are left than whoever shares them with a conflict believes.
    const fates = await write(standing, underKey, sharing, apart);
    expect(fates).toEqual(['conflict', 'conflict', 'stale', 'applied']);
    expect(await orders()).toEqual([FIRST, orderId(3), orderId(4)]);
    expect((await taken()).filter((row) => !row.startsWith(FIRST))).toEqual([
      `${orderId(3)} goods ${CUP} -1`,
      `${orderId(4)} goods ${PEN} -2`,
    ]);
    expect(await left()).toEqual(['Li 9800.00', 'Wu 0.00', 'cup 8', 'pen 15']);
  });

  it('R15: of two orders of one write under one new key one stands, and it alone takes', async () => {
    const second = bare(2, { requestKey: 'key', lines: [pens(2)], orderAmount: money('200') });
    const joints = await stageAll(bare(1, { requestKey: 'key' }), second);
    const fates = await write(...joints);
    expect([...fates].sort()).toEqual(['applied', 'conflict']);
    // Which of them it is, is the database's to choose.
    const first = fates[0] === 'applied';
    expect(await orders()).toEqual([orderId(first ? 1 : 2)]);
    expect(await taken()).toEqual([
      first ? `${orderId(1)} goods ${CUP} -1` : `${orderId(2)} goods ${PEN} -2`,
    ]);
  });

  it.each([
    ['goods that do not exist', `delete from trade_goods where goods_id = ${CUP}`],
    ['stock that is not there', `update trade_goods set goods_number = 0 where goods_id = ${CUP}`],
    [
      'stock that was given back before (R2)',
      `insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type)
        values (${CUP}, ${FIRST}, 0, 1), (${CUP}, ${FIRST}, 0, 2)`,
    ],
    ['money of a user who does not exist', `delete from trade_user where user_id = ${USER}`],
    ['money that is not there', `update trade_user set user_money = 199.99 where user_id = ${USER}`],
    [
      'money that was given back before (R2)',
      `insert into trade_user_money_log (user_id, order_id, money_log_type, use_money)
        values (${USER}, ${FIRST}, 1, 0), (${USER}, ${FIRST}, 2, 0)`,
    ],
    ['a coupon that does not exist', 'delete from trade_coupon'],
    ['a coupon of another user', `update trade_coupon set user_id = ${OTHER}`],
    ['a coupon of another price', 'update trade_coupon set coupon_price = 30'],
    ['a coupon that another order uses', 'update trade_coupon set is_used = 1, order_id = 5'],
    [
      'a coupon that was given back before (R2)',
      `insert into trade_coupon_log (coupon_id, order_id, log_type, coupon_price)
        values (${COUPON}, ${FIRST}, 1, -1), (${COUPON}, ${FIRST}, 2, -1)`,
    ],
  ])('a write that asks for %s leaves nothing of any of its orders', async (_what, change) => {
    const joints = await stageAll(stranger(2), twoLines);
    await runSql(database(), change);
    const before = await books();
    const error = await write(...joints).catch((thrown: unknown) => thrown);
    expect(isRefusedByDatabase(error)).toBe(true);
    expect(await books()).toEqual(before);
    expect(announced).toEqual([]);
  });

  it.each([
    ['another price', 'update trade_goods set goods_price = goods_price + 1'],
    ['another stock', 'update trade_goods set goods_number = goods_number + 1'],
    ['other money', 'update trade_user set user_money = user_money + 1'],
    ['other points', 'update trade_user set user_score = user_score + 1'],
  ])('R3: an order that finds %s than believed is written, and stale', async (_what, change) => {
    const [joint] = await stageAll(classicOrder());
    await runSql(database(), change);
    expect(await write(joint)).toEqual(['stale']);
    expect(await find(FIRST)).toEqual(joint.after);
    expect(await taken()).toHaveLength(3);
  });

  describe('a step of an order that is elsewhere', () => {
    const askedSteps = async (...places: readonly Place[]) =>
      (await stageAll(...places)).flatMap(({ steps }) => steps.map(askedStep));
    const refusalOf = (...joints: readonly Joint[]) => write(...joints).catch((thrown: unknown) => thrown);

    it('is in the ledgers as its actor would have written it, and nothing else is', async () => {
      const asked = await askedSteps(twoLines);
      expect(await write(...asked)).toEqual(asked.map(() => 'applied'));
      expect([await orders(), announced]).toEqual([[], []]);
      const jointly = await books();
      await emptyTables(database());
      await open();
      for (const { kind, entry } of asked.flatMap(({ steps }) => steps)) await storeOf(kind).write([entry]);
      expect(jointly).toEqual(await books());
    });

    it('is written with the orders that are here', async () => {
      const belief = await held();
      const here = stage(belief, bare(1));
      const asked = stage(belief, bare(2)).steps.map(askedStep);
      expect(await write(here, ...asked)).toEqual(['applied', 'applied']);
      expect(await orders()).toEqual([FIRST]);
      expect(await taken()).toEqual([`${FIRST} goods ${CUP} -1`, `${orderId(2)} goods ${CUP} -1`]);
      expect(await held()).toEqual(belief);
    });

    it.each([
      ['goods', `update trade_goods set goods_number = 0 where goods_id = ${CUP}`],
      ['wallet', `update trade_user set user_money = 0 where user_id = ${USER}`],
      ['coupon', 'delete from trade_coupon'],
    ])('that the %s cannot give leaves nothing of its write', async (kind, change) => {
      const asked = await askedSteps(twoLines);
      await runSql(database(), change);
      expect(isRefusedByDatabase(await refusalOf(...asked))).toBe(true);
      const alone = asked.filter(({ steps }) => steps[0]?.kind === kind);
      expect(isRefusedByDatabase(await refusalOf(...alone))).toBe(true);
      expect(await taken()).toEqual([]);
    });

    it('that was taken before is refused', async () => {
      await write(...(await askedSteps(bare(1))));
      expect(isRefusedByDatabase(await refusalOf(...(await askedSteps(bare(1)))))).toBe(true);
      expect(await taken()).toHaveLength(1);
    });

    it('R3: that finds other figures than believed is written, and stale', async () => {
      const asked = await askedSteps(bare(1));
      await runSql(database(), 'update trade_goods set goods_number = goods_number + 1');
      expect(await write(...asked)).toEqual(['stale']);
      expect(await taken()).toHaveLength(1);
    });
  });

  it('R12: the very rows that are committed are announced, and none of an order that is there', async () => {
    const [ended, confirmed] = await stageAll(overpaid, stranger(2));
    expect(ended.facts.map(({ type }) => type)).toEqual(['OrderPlaced', 'OrderEnded']);
    expect(await write(ended)).toEqual(['applied']);
    expect(await write(ended, confirmed)).toEqual(['conflict', 'applied']);
    expect(announced.map(({ event }) => [event.tag, event.key])).toEqual([
      ['order_cancel', FIRST],
      ['order_confirm', orderId(2)],
    ]);
    expect(announced).toEqual(await createOutbox(database()).unsent('9999-12-31T00:00:00.000Z', 10));
  });
});
