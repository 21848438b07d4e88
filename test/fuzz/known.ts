// Which ids and figures the inputs name, by who sends them. Whoever has every right must not be shown the victims'.
import fc from 'fast-check';
import { orderBody } from '../../bin/load/order-body';
import type { Known } from './fitting';
import { shapeOf, type Shape } from './shape';
import type { Party, World } from './world';

const UNKNOWN = '7000000000000000001';

function knownOf(world: World, parties: readonly Party[]): Known {
  const all = (pick: (party: Party) => readonly string[]): string[] => [...parties.flatMap(pick), UNKNOWN];
  return {
    userId: all(({ userIds }) => userIds),
    couponId: all(({ couponIds }) => couponIds),
    orderId: all(({ unpaid, paid }) => [...unpaid, ...paid]),
    payId: all(({ payIds }) => payIds),
    goodsId: [...world.offered, UNKNOWN],
    goodsPrice: world.goods.map(({ goodsPrice }) => goodsPrice),
    shippingFee: ['0', '10', '10.00'],
    payAmount: ['129.00', '129', '0.00', '-129.00', '129.001'],
    provider: ['sandbox'],
    transactionId: ['t-1', 't-2', 't-3'],
    requestKey: ['1', '2', '77'],
    topic: ['orderTopic', 'payTopic'],
    tag: ['order_cancel', 'pay_status', 'pay_refund'],
    group: ['pay_payTopic_log_group'],
    password: ['demo'],
    limit: [1, 200],
  };
}

/** What customers name, who have a right to their own things only. */
export const namedByCustomers = (world: World): Known => knownOf(world, [world.customers, world.victims]);

/** What operators and services name, who have every right. */
export const namedByOperators = (world: World): Known => knownOf(world, [world.customers, world.others]);

/** What strangers to the payment platform name: it tells of everybody's payments. */
export const namedByForgers = (world: World): Known =>
  knownOf(world, [world.customers, world.victims, world.others]);

/** What events name. They may cancel any unpaid order, so the victims' unpaid ones are left out (PROTOCOL, events). */
export function namedInEvents(world: World, transactions: readonly string[]): Known {
  const { victims, customers, others } = world;
  const known = knownOf(world, [victims, customers, others]);
  const orderId = [...victims.paid, ...customers.paid, ...customers.unpaid, ...others.paid, UNKNOWN];
  return { ...known, orderId, transactionId: [...transactions, 't-1'] };
}

/** Orders whose figures are right, so that what is wrong beside them is looked at. */
export function rightOrders(world: World, { userIds, couponIds }: Party): fc.Arbitrary<Shape> {
  const line = fc
    .tuple(fc.constantFrom(...world.goods), fc.integer({ min: 1, max: 3 }))
    .map(([goods, goodsNumber]) => ({ ...goods, goodsNumber }));
  const lines = fc.oneof(
    fc.array(line, { minLength: 1, maxLength: 1 }),
    fc.uniqueArray(line, { minLength: 1, maxLength: 5, selector: ({ goodsId }) => goodsId }),
  );
  const extras = fc.record({
    couponId: fc.option(fc.constantFrom(...couponIds), { nil: undefined, freq: 4 }),
    moneyPaid: fc.option(fc.constantFrom('0.01', '1.00', '-0.01', '0.001', '99999999.99'), {
      nil: undefined,
    }),
  });
  return fc.tuple(fc.constantFrom(...userIds), lines, extras).map(([userId, some, { couponId, moneyPaid }]) =>
    shapeOf(
      orderBody(userId, some, {
        ...(couponId === undefined ? {} : { couponId }),
        ...(moneyPaid === undefined ? {} : { moneyPaid }),
      }),
    ),
  );
}
