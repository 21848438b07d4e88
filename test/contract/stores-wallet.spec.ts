// Money moves once an order and points once a payment; the balances are the sums of the ledgers.
import { money, ZERO } from '../../actors/domain/money';
import { walletDecider, type Wallet, type WalletFact } from '../../actors/domain/wallet';
import { createWalletStore } from '../../persistence/stores/wallet';
import { claimOf, no, NOW, onBothDatabases, runSql, stagingOf } from './stores-world';

const wallet = (amount: string, score = 0): Wallet => ({
  userId: no('10'),
  name: 'Li',
  mobile: '123',
  money: money(amount),
  score,
  regTime: NOW,
});
const order = (key: number) => ({ orderId: no<never>(`${key}`) });
const payment = (key: number) => ({ payId: no<never>(`${key}`) });
const taken = (key: number, amount: string): WalletFact => ({
  type: 'MoneyTaken',
  ...order(key),
  amount: money(amount),
});
const givenBack = (key: number, amount: string): WalletFact => ({
  type: 'MoneyGivenBack',
  ...order(key),
  amount: money(amount),
});
const added = (key: number, points: number): WalletFact => ({ type: 'PointsAdded', ...payment(key), points });
const takenBack = (key: number, points: number): WalletFact => ({
  type: 'PointsTakenBack',
  ...payment(key),
  points,
});
const recharged = (key: number, amount: string): WalletFact => ({
  type: 'Recharged',
  requestKey: `${key}`,
  amount: money(amount),
});

const entries = stagingOf<Wallet, WalletFact>(walletDecider);
const each = (before: Wallet | undefined, ...facts: WalletFact[]) =>
  entries('10', before, ...facts.map((fact) => ({ facts: [fact] })));

onBothDatabases((database) => {
  const store = () => createWalletStore({ writer: database(), reader: database(), now: () => NOW });
  const register = (amount: string) =>
    runSql(
      database(),
      `insert into trade_user (user_id, user_name, user_mobile, user_money, user_reg_time)
       values (10, 'Li', '123', ${amount}, '${NOW}')`,
    );
  const find = async (recordKey?: string) =>
    (await store().load([{ id: '10', ...(recordKey === undefined ? {} : { recordKey }) }]))[0]!;
  const balance = async () => (await find()).state?.money;

  it('loads a wallet, and nothing for a user who does not exist', async () => {
    expect(await find()).toEqual({ state: undefined, recorded: undefined });
    await register('5');
    expect(await find()).toEqual({ state: wallet('5.00'), recorded: undefined });
  });

  it('R2: money is taken once an order and given back once', async () => {
    await register('5');
    expect(await store().write(each(wallet('5.00'), taken(1, '1.25')))).toEqual(['applied']);
    expect(await store().write(each(wallet('3.75'), taken(1, '1.25')))).toEqual(['conflict']);
    expect((await find('order:1')).recorded).toEqual({ taken: '1.25' });
    expect(await store().write(each(wallet('3.75'), givenBack(1, '1.25')))).toEqual(['applied']);
    expect(await store().write(each(wallet('5.00'), givenBack(1, '1.25')))).toEqual(['conflict']);
    expect(await balance()).toBe('5.00');
    expect((await find('order:1')).recorded).toEqual({ taken: '1.25', givenBack: true });
  });

  it('R2, fault 8: what is given back is what the ledger says', async () => {
    await register('5');
    await store().write(each(wallet('5.00'), taken(1, '1.25')));
    expect(await store().write(each(wallet('3.75'), givenBack(1, '99.00')))).toEqual(['stale']);
    expect(await balance()).toBe('5.00');
  });

  it('R2, fault 9: nothing is refunded where nothing was paid, and a late take is refused', async () => {
    await register('5');
    expect(await store().write(each(wallet('5.00'), givenBack(1, '0.00')))).toEqual(['applied']);
    expect(await store().write(each(wallet('5.00'), givenBack(2, '3.00')))).toEqual(['stale']);
    expect(await store().write(each(wallet('5.00'), taken(1, '1.00')))).toEqual(['conflict']);
    expect(await balance()).toBe('5.00');
    expect((await find('order:1')).recorded).toEqual({ taken: ZERO, givenBack: true });
  });

  it('R2: points are given once a payment and taken back once, as many as were given', async () => {
    await register('5');
    expect(await store().write(each(wallet('5.00'), added(1, 7), added(2, 4)))).toEqual([
      'applied',
      'applied',
    ]);
    expect(await store().write(each(wallet('5.00', 11), added(1, 7)))).toEqual(['conflict']);
    expect(await store().write(each(wallet('5.00', 11), takenBack(1, 9)))).toEqual(['stale']);
    expect(await store().write(each(wallet('5.00', 4), takenBack(1, 7)))).toEqual(['conflict']);
    expect((await find()).state?.score).toBe(4);
    expect((await find('pay:1')).recorded).toEqual({ pointsGiven: 7, pointsTakenBack: true });
    const rows = await runSql(
      database(),
      'select score from trade_user_score_log where pay_id = 1 order by log_type',
    );
    expect(rows).toEqual([{ score: 7 }, { score: -7 }]);
  });

  it('R2: points that come after they were taken back are refused', async () => {
    await register('5');
    expect(await store().write(each(wallet('5.00'), takenBack(1, 0)))).toEqual(['applied']);
    expect(await store().write(each(wallet('5.00'), added(1, 7)))).toEqual(['conflict']);
    expect((await find('pay:1')).recorded).toEqual({ pointsGiven: 0, pointsTakenBack: true });
  });

  it('R3: an entry of two facts is stale if one had been done, and a conflict if both had', async () => {
    await register('5');
    await store().write(each(wallet('5.00'), taken(1, '2.00'), added(8, 3)));
    const both = { facts: [givenBack(1, '2.00'), takenBack(8, 3)], inbox: claimOf('1') };
    await store().write(each(wallet('3.00', 3), givenBack(1, '2.00')));
    expect((await find('order:1:8')).recorded).toEqual({ taken: '2.00', givenBack: true, pointsGiven: 3 });
    expect(await store().write(entries('10', wallet('3.00', 3), both))).toEqual(['stale']);
    expect((await find()).state).toEqual(wallet('5.00', 0));
    expect(await store().write(entries('10', wallet('3.00', 3), { ...both, inbox: claimOf('2') }))).toEqual([
      'conflict',
    ]);
    expect((await find()).state).toEqual(wallet('5.00', 0));
    // What was half done is done now, and so is its event (R11).
    expect(await runSql(database(), 'select msg_key from trade_mq_consumer_log')).toEqual([{ msg_key: '1' }]);
  });

  it('R3: a balance or a score that was changed behind the actor makes an entry stale', async () => {
    await register('5');
    expect(await store().write(each(wallet('6.00'), taken(1, '1.00')))).toEqual(['stale']);
    expect(await store().write(each(wallet('4.00', 1), taken(2, '1.00')))).toEqual(['stale']);
    expect(await store().write(each(wallet('3.00'), taken(3, '1.00')))).toEqual(['applied']);
  });

  it('R5: money and points of one user in a batch are summed', async () => {
    await register('100');
    const first = each(wallet('100.00'), taken(1, '10.00'), taken(2, '20.50'), added(1, 5));
    expect(await store().write(first)).toEqual(Array(3).fill('applied'));
    const batch = each(
      wallet('69.50', 5),
      givenBack(1, '10.00'),
      recharged(1, '0.01'),
      takenBack(1, 5),
      taken(3, '9.51'),
      added(2, 30),
    );
    expect(await store().write(batch)).toEqual(Array(5).fill('applied'));
    expect((await find()).state).toEqual(wallet('70.00', 30));
  });

  it('R5: keeps apart what may not share a statement', () => {
    const keys = (fact: WalletFact) => store().conflictKeys(each(wallet('1.00'), fact)[0]!);
    expect(keys(taken(1, '1.00'))).toEqual(keys(givenBack(1, '1.00')));
    expect(keys(added(1, 1))).toEqual(keys(takenBack(1, 1)));
    expect(new Set([taken(1, '1.00'), added(1, 1), recharged(1, '1.00')].flatMap(keys)).size).toBe(3);
  });

  it('more than the balance fails as a whole, by a CHECK', async () => {
    await register('5');
    const batch = each(wallet('9.00'), taken(1, '3.00'), taken(2, '3.00'));
    await expect(store().write(batch)).rejects.toMatchObject({ code: '23514' });
    expect((await find('order:1')).recorded).toBeUndefined();
  });

  it('R14: a recharge counts once a request key', async () => {
    await register('5');
    expect(await store().write(each(wallet('5.00'), recharged(1, '2.00')))).toEqual(['applied']);
    expect(await store().write(each(wallet('7.00'), recharged(1, '2.00')))).toEqual(['conflict']);
    expect(await balance()).toBe('7.00');
    expect((await find('key:1')).recorded).toEqual({ recharged: '2.00' });
    expect((await find('order:1')).recorded).toBeUndefined();
  });

  it('a user who does not exist gets and pays nothing, and is remembered where money was asked back', async () => {
    const nobody = each(undefined, taken(1, '1.00'), added(1, 1), recharged(1, '1.00'));
    expect(await store().write(nobody)).toEqual(Array(3).fill('conflict'));
    expect(await store().write(each(undefined, givenBack(2, '0.00')))).toEqual(['applied']);
    await register('5');
    expect(await store().write(each(wallet('5.00'), taken(2, '1.00')))).toEqual(['conflict']);
    expect(await store().write(each(wallet('5.00'), taken(1, '1.00')))).toEqual(['applied']);
  });

  it('R11: points and their inbox row are one', async () => {
    await register('5');
    const step = { facts: [added(1, 7)], inbox: claimOf('1') };
    expect(await store().write(entries('10', wallet('5.00'), step))).toEqual(['applied']);
    expect(await store().write(entries('10', wallet('5.00', 7), step))).toEqual(['conflict']);
    const rows = await runSql(
      database(),
      'select msg_key, consumer_status, consumer_times from trade_mq_consumer_log',
    );
    expect(rows).toEqual([{ msg_key: '1', consumer_status: 1, consumer_times: 1 }]);
  });
});
