// Faults in SQL, which the simulation does not run.
import type { Mutation } from '../mutation';

const UNSEEN = 'the simulation runs no SQL';

export const statementMutations: readonly Mutation[] = [
  {
    name: 'stock-moved-by-repeats',
    breaks: 'R2: the stock goes down for takes that were in the ledger before',
    file: 'persistence/stores/goods-statements.ts',
    find: '(select goods_id, sum(goods_number) as number from taken group by goods_id)',
    replace: '(select goods_id, -sum(quantity) as number from given group by goods_id)',
    unseen: UNSEEN,
  },
  {
    name: 'version-ignored',
    breaks: 'R4: an order is written over what another node wrote',
    file: 'persistence/stores/order.ts',
    find: 'where o.order_id = u.order_id and o.version = u.expected_version',
    replace: 'where o.order_id = u.order_id and o.version >= 0',
    unseen: UNSEEN,
  },
  {
    name: 'joint-steps-of-standing-orders',
    breaks: 'R15: an order under a standing request key takes stock and money, and is nowhere',
    file: 'persistence/stores/joint-statement.ts',
    find: 'as g(${names})\n    where order_id in (select id from due)`',
    replace: 'as g(${names})\n    where order_id is not null`',
    unseen: UNSEEN,
  },
  {
    name: 'joint-orders-without-their-steps',
    breaks: 'promise 2: an order is confirmed although the ledger refuses what it takes',
    file: 'persistence/stores/joint-statement.ts',
    find: 'when 0 then 1 else 0 end',
    replace: 'when 0 then 1 else 1 end',
    unseen: UNSEEN,
  },
  {
    name: 'bookings-that-meet-other-figures',
    breaks: 'R4: points are given for a payment whose order or own row others have changed',
    file: 'persistence/stores/booking-statement.ts',
    find: 'case rows when 0 then 1 else 0 end',
    replace: 'case rows when 0 then 1 else 1 end',
    unseen: UNSEEN,
  },
  {
    name: 'events-of-lost-changes',
    breaks: 'R4: an event leaves although the change that it tells of was not made',
    file: 'persistence/stores/event-rows.ts',
    find: 'where entity_id in (select id from changed)',
    replace: 'where entity_id is not null',
    unseen: UNSEEN,
  },
];
