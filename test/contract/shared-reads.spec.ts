// What kinds load together is what each loads alone, also where a number is larger than a number in JSON can be.
import { KINDS, type Kind } from '../../actors/domain/envelope';
import type { LoadRequest } from '../../actors/domain/ports/store';
import { forEveryKind } from '../../bin/compose-kinds';
import { composeStores } from '../../bin/compose-stores';
import { systemClock } from '../../bin/system-clock';
import type { Queryable } from '../../persistence/session';
import { writeBooks } from '../helpers/books';
import { DATABASES } from '../helpers/databases';
import { NOW, onBothDatabases, runSql } from './stores-world';

const LARGE = '9007199254740993';

/** Some who are there and some who are not, with all kinds of record keys. */
const ASKED: Readonly<Record<Kind, readonly LoadRequest[]>> = {
  order: [{ id: '101' }, { id: LARGE }, { id: '4' }, { id: '100', recordKey: '10:again' }],
  payment: [{ id: '500' }, { id: LARGE }, { id: '4' }, { id: '502', recordKey: 'sandbox:T502' }],
  goods: [{ id: '1', recordKey: '100' }, { id: '2' }, { id: LARGE }, { id: '4', recordKey: '103' }],
  coupon: [{ id: '20', recordKey: '100' }, { id: LARGE }, { id: '21', recordKey: '102' }, { id: '4' }],
  wallet: [
    { id: '10', recordKey: 'order:100' },
    { id: '11', recordKey: 'pay:502' },
    { id: LARGE, recordKey: 'key:5' },
    { id: '4' },
  ],
  'pay-log': [{ id: '500' }, { id: '4' }],
};

const MORE = [
  `insert into trade_goods (goods_id, goods_name, goods_number, goods_price) values (${LARGE}, '"cup" {}', 1, 99999999.99)`,
  `insert into trade_user (user_id, user_name, user_money, user_score) values (${LARGE}, 'Li ☕', 99999999.34, 1)`,
  `insert into trade_coupon (coupon_id, coupon_price, user_id, is_used, order_id, used_time)
    values (${LARGE}, 0.10, ${LARGE}, 1, ${LARGE}, now())`,
  `insert into trade_order (order_id, user_id, order_status, pay_status, goods_id, goods_number, goods_price,
      goods_amount, shipping_fee, order_amount, coupon_id, coupon_paid, money_paid, pay_amount, pay_id, address)
    values (${LARGE}, ${LARGE}, 1, 1, ${LARGE}, 1, 99999999.99, 99999999.99, 0.10, 99999999.99, ${LARGE}, 0.10, 0.01,
      99999999.98, ${LARGE}, E'a \\\\ line\\n')`,
  `insert into trade_pay (pay_id, order_id, pay_amount, is_paid) values (${LARGE}, ${LARGE}, 99999999.98, 1)`,
  `update trade_order set request_key = 'again', request_hash = 'h' where order_id = 100`,
];

const storesOver = (database: Queryable) =>
  composeStores({
    clock: { ...systemClock, now: () => NOW },
    shards: 1,
    confirmEvents: true,
    writers: forEveryKind(() => database),
    joint: undefined,
    readers: forEveryKind(() => database),
    onEvents: () => undefined,
    commits: { countWrites: (_kind, store) => store, countSagas: (store) => store },
  });

onBothDatabases((database) => {
  test('what is loaded together is what is loaded alone', async () => {
    const reader = database();
    await writeBooks(forEveryKind(() => reader));
    for (const text of MORE) await runSql(reader, text);
    const names: string[] = [];
    const noting: Queryable = {
      query: (statement, values) => {
        names.push(statement.name);
        return reader.query(statement, values);
      },
    };
    const stores = storesOver(noting);
    const load = (kind: Kind) => stores[kind].load(ASKED[kind]);

    const alone: unknown[] = [];
    for (const kind of KINDS) alone.push(await load(kind));
    const asked = names.splice(0);
    expect(asked).toContain('order-load-standing');
    expect(asked).toHaveLength(KINDS.length + 2);

    const together = await Promise.all(KINDS.map(load));
    expect(together).toEqual(alone);
    // The records of orders and payments are read before their states.
    expect(names).toEqual([expect.stringMatching(/^combined-/), expect.stringMatching(/^combined-/)]);
    expect(JSON.stringify(together)).toContain(`"payId":"${LARGE}"`);
  });
});

test('a table that somebody has locked keeps the other kinds waiting for a moment only', async () => {
  const database = await DATABASES.find(({ name }) => name === 'PostgreSQL')!.open();
  const locker = database.dataSource.createQueryRunner();
  try {
    await writeBooks(forEveryKind(() => database.reader));
    const stores = storesOver(database.reader);
    await locker.startTransaction();
    await locker.query('lock table trade_user');
    let isKnown = false;
    const wallet = stores.wallet.load([{ id: '10' }]).finally(() => (isKnown = true));
    const [payment] = await stores.payment.load([{ id: '500' }]);
    expect([payment?.state?.isPaid, isKnown]).toEqual([true, false]);
    await locker.rollbackTransaction();
    expect((await wallet).map(({ state }) => state?.score)).toEqual([150]);
  } finally {
    await locker.release();
    await database.drop();
  }
});
