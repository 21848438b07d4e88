// An order whose compensation has failed learns of it when what was given up was carried out all the same.
import pino from 'pino';
import { ok } from '../../actors/domain/envelope';
import { groupsOf, type Group } from '../../actors/domain/events';
import { startLateGiveBacks } from '../../supervisors/late-give-backs';
import { createInbox } from '../../persistence/inbox';
import { createOrderIndex } from '../../persistence/order-index';
import { systemClock } from '../../bin/system-clock';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { until } from '../helpers/servers';

const GROUPS = groupsOf('order_cancel');
const isGoods = ({ name }: Group): boolean => name.includes('goods');

describe.each(DATABASES)('on $name', ({ open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  }, 60_000);
  afterAll(() => database.drop());

  const run = (text: string, values: unknown[] = []) => database.reader.query({ name: '', text }, values);
  const addOrder = async (orderId: string, compensation: number, goodsIds: readonly string[]) => {
    await run(
      `insert into trade_order (order_id, user_id, order_status, compensation_status, goods_id, goods_number, goods_price,
        goods_amount, shipping_fee, order_amount) values ($1, 1, 2, $2, $3, 1, 5, 5, 10, 15)`,
      [orderId, compensation, goodsIds[0]],
    );
    if (goodsIds.length === 1) return;
    await run(
      `insert into trade_order_goods (order_id, goods_id, goods_number, goods_price)
        select $1, goods_id, 1, 5 from unnest($2::bigint[]) as g(goods_id)`,
      [orderId, goodsIds],
    );
  };

  test('an order is told once every group is done, line by line, and no other is', async () => {
    const inbox = createInbox(database.reader);
    const at = systemClock.now();
    const claim = ({ name, tag }: Group, key: string) => ({
      group: name,
      tag,
      key,
      messageId: key,
      body: '',
    });
    const orders: [string, number, string[]][] = [
      ['11', 3, ['7', '8']],
      ['12', 3, ['7']],
      ['13', 3, ['7', '8']],
      ['14', 1, ['7']],
      ['15', 3, ['7']],
      ['16', 3, ['9']],
    ];
    for (const order of orders) await addOrder(...order);
    for (const [orderId, , goodsIds] of orders) {
      for (const group of GROUPS) {
        const keys = isGoods(group) ? goodsIds.map((goodsId) => `${orderId}:${goodsId}`) : [orderId];
        for (const key of keys) {
          // Of 13 a line is given up still; of 15 nobody knows what became of the coupon; of 16 the money comes again.
          if (key === '13:8') await inbox.park(claim(group, key), 'silent', at);
          else if (orderId === '16' && group.home === 'wallet') await inbox.claim(claim(group, key), at);
          else if (!(orderId === '15' && group.home === 'coupon')) await inbox.finish(claim(group, key), at);
        }
      }
    }
    const told: unknown[] = [];
    const keeper = { isHere: false, asked: 0 };
    const looking = startLateGiveBacks({
      index: createOrderIndex(database.reader),
      inboxOf: () => inbox,
      router: {
        ask: ({ id, command }) => {
          told.push({ id, ...command });
          return Promise.resolve(ok({}));
        },
      },
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      everyMs: 10,
      isKeeper: () => {
        keeper.asked += 1;
        return keeper.isHere;
      },
    });
    await until('a round that is not its turn', () => keeper.asked > 2);
    expect(told).toEqual([]);
    keeper.isHere = true;
    await until('a round', () => told.length >= 2);
    looking.stop();
    expect(told.slice(0, 2)).toEqual(
      ['11', '12'].map((id) => ({ id, type: 'FinishCompensation', failed: false })),
    );
  });
});
