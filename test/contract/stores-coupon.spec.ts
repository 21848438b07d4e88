// A coupon is used by one order of its owner at a time, whoever tries, and freed once.
import { couponDecider, type Coupon, type CouponFact } from '../../actors/domain/coupon';
import { money } from '../../actors/domain/money';
import { createCouponStore } from '../../persistence/stores/coupon';
import { claimOf, no, NOW, onBothDatabases, runSql, stagingOf } from './stores-world';

const free = (price = '20.00', couponId = '7', userId = '10'): Coupon => ({
  couponId: no(couponId),
  price: money(price),
  userId: no(userId),
  orderId: undefined,
  usedTime: undefined,
});
const used = (coupon: Coupon, order: number): Coupon => ({
  ...coupon,
  orderId: no(`${order}`),
  usedTime: NOW,
});
const use = (order: number, price = '20.00'): CouponFact => ({
  type: 'CouponUsed',
  orderId: no(`${order}`),
  price: money(price),
  at: NOW,
});
const giveBack = (order: number, wasUsed: boolean): CouponFact => ({
  type: 'CouponGivenBack',
  orderId: no(`${order}`),
  used: wasUsed,
});
const entries = stagingOf<Coupon, CouponFact>(couponDecider);
const one = (coupon: Coupon | undefined, fact: CouponFact) => {
  const couponId = coupon?.couponId ?? (fact.type === 'CouponIssued' ? fact.coupon.couponId : '7');
  return entries(couponId, coupon, { facts: [fact] });
};

onBothDatabases((database) => {
  const store = () => createCouponStore({ writer: database(), reader: database(), now: () => NOW });
  const issue = (coupon: Coupon) => store().write(one(undefined, { type: 'CouponIssued', coupon }));
  const find = async (recordKey = '1') => (await store().load([{ id: '7', recordKey }]))[0]!;
  const ledger = async () =>
    (
      await runSql<{ row: string }>(
        database(),
        `select order_id || '/' || log_type || ': ' || coupon_price as row from trade_coupon_log order by order_id, log_type`,
      )
    ).map(({ row }) => row);

  it('is loaded as it was issued, once', async () => {
    expect(await issue(free())).toEqual(['applied']);
    expect(await find()).toEqual({ state: free(), recorded: undefined });
    expect(await issue(free('30.00'))).toEqual(['conflict']);
    expect((await find()).state?.price).toBe('20.00');
  });

  it('R2: a use counts once and is given back once', async () => {
    await issue(free());
    expect(await store().write(one(free(), use(1)))).toEqual(['applied']);
    expect(await find()).toEqual({
      state: used(free(), 1),
      recorded: { used: true, price: '20.00', givenBack: false },
    });
    expect(await store().write(one(free(), use(1)))).toEqual(['conflict']);
    expect(await store().write(one(used(free(), 1), giveBack(1, true)))).toEqual(['applied']);
    expect(await store().write(one(used(free(), 1), giveBack(1, true)))).toEqual(['conflict']);
    expect(await find()).toEqual({
      state: free(),
      recorded: { used: true, price: '20.00', givenBack: true },
    });
    expect(await ledger()).toEqual(['1/1: 20.00', '1/2: 20.00']);
  });

  it('R2: after its give-back an order cannot use it any more, another can', async () => {
    await issue(free());
    await store().write(one(free(), use(1)));
    await store().write(one(used(free(), 1), giveBack(1, true)));
    expect(await store().write(one(free(), use(1)))).toEqual(['conflict']);
    expect(await store().write(one(free(), use(2)))).toEqual(['applied']);
    expect((await find('2')).state?.orderId).toBe('2');
  });

  it('R2, fault 9: what was never used is not given back, and a late use is refused', async () => {
    await issue(free());
    expect(await store().write(one(free(), giveBack(1, false)))).toEqual(['applied']);
    expect((await find()).recorded).toEqual({ used: false, price: '0.00', givenBack: true });
    expect(await store().write(one(free(), use(1)))).toEqual(['conflict']);
    expect((await find()).state).toEqual(free());
  });

  it('R2: tells a coupon of no worth that was used from one that never was', async () => {
    await issue(free('0.00'));
    await store().write(one(free('0.00'), use(1, '0.00')));
    expect((await find()).recorded).toEqual({ used: true, price: '0.00', givenBack: false });
    expect(await store().write(one(used(free('0.00'), 1), giveBack(1, true)))).toEqual(['applied']);
    expect((await find()).state?.orderId).toBeUndefined();
  });

  it('fault 8: another order than the one that used it frees nothing', async () => {
    await issue(free());
    await store().write(one(free(), use(1)));
    expect(await store().write(one(used(free(), 1), giveBack(2, false)))).toEqual(['applied']);
    // It does not believe that it used it, but says so.
    expect(await store().write(one(used(free(), 1), giveBack(3, true)))).toEqual(['stale']);
    expect((await find()).state).toEqual(used(free(), 1));
    expect(await store().write(one(used(free(), 1), giveBack(1, false)))).toEqual(['stale']);
    expect((await find()).state).toEqual(free());
  });

  it('fault 3: two orders cannot use it, and nobody but its owner can', async () => {
    await issue(free());
    await store().write(one(free(), use(1)));
    expect(await store().write(one(free(), use(2)))).toEqual(['conflict']);
    expect(await ledger()).toEqual(['1/1: 20.00']);
    await store().write(one(used(free(), 1), giveBack(1, true)));
    expect(await store().write(one(free('20.00', '7', '11'), use(3)))).toEqual(['conflict']);
    expect(await store().write(one(free('25.00'), use(4, '25.00')))).toEqual(['conflict']);
    expect(await ledger()).toEqual(['1/1: 20.00', '1/2: 20.00']);
  });

  it('R3: a coupon that was changed behind the actor makes a give-back stale', async () => {
    await issue(free());
    await runSql(database(), 'update trade_coupon set user_id = 11');
    expect(await store().write(one(free(), giveBack(1, false)))).toEqual(['stale']);
  });

  it('a coupon that does not exist is not used, and remembers what was given back', async () => {
    expect(await store().write(one(undefined, use(1)))).toEqual(['conflict']);
    expect(await ledger()).toEqual([]);
    expect(await store().write(one(undefined, giveBack(1, false)))).toEqual(['applied']);
    expect(await ledger()).toEqual(['1/1: -1.00', '1/2: -1.00']);
  });

  it('R3: tells the fates of many coupons in one batch', async () => {
    const coupons = ['1', '2', '3', '4'].map((couponId) => free('5.00', couponId));
    const [first, second, third, fourth] = coupons as [Coupon, Coupon, Coupon, Coupon];
    for (const coupon of [first, second, third]) await issue(coupon);
    await store().write([...one(first, use(1, '5.00')), ...one(second, use(1, '5.00'))]);
    const batch = [
      ...one(second, use(2, '5.00')),
      ...one(used(first, 1), giveBack(1, true)),
      ...one(third, use(1, '5.00')),
      ...one(undefined, { type: 'CouponIssued', coupon: fourth }),
    ];
    expect(await store().write(batch)).toEqual(['conflict', 'applied', 'applied', 'applied']);
    const loaded = await store().load(coupons.map(({ couponId }) => ({ id: couponId })));
    expect(loaded.map(({ state }) => state?.orderId)).toEqual([undefined, '1', '1', undefined]);
  });

  it('R5: a coupon is changed once a statement', () => {
    const keys = (fact: CouponFact) => store().conflictKeys(one(free(), fact)[0]!);
    expect(keys(use(1))).toEqual(keys(giveBack(2, true)));
    expect(store().conflictKeys(entries('7', free(), { facts: [], inbox: claimOf('1') })[0]!)).toEqual([
      'inbox:some_group:order_cancel:1',
    ]);
  });

  it('R11: the inbox row is written with the give-back, and not with what had no effect', async () => {
    await issue(free());
    await store().write(one(free(), use(1)));
    await store().write(entries('7', used(free(), 1), { facts: [giveBack(1, true)], inbox: claimOf('1') }));
    await store().write(entries('7', used(free(), 1), { facts: [giveBack(1, true)], inbox: claimOf('2') }));
    const rows = await runSql(database(), 'select msg_key, consumer_status from trade_mq_consumer_log');
    expect(rows).toEqual([{ msg_key: '1', consumer_status: 1 }]);
  });
});
