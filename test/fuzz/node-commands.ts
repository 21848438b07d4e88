// What looks like a message from another node: envelopes with members that no node would send. They name entities of
// their own, because a node that says sensible things has every right.
import type fc from 'fast-check';
import { KINDS } from '../../actors/domain/envelope';
import { fitting, type Known, type Schema } from './fitting';
import type { Shape } from './shape';
import { NODE_NAME } from './world';

export const NODE_SUBJECT = `trade.node.${NODE_NAME}`;

/** Ids of the entities that only these messages name. */
export const isNodesOwn = (id: string): boolean => /^777000000\d$/.test(id);

const IDS = ['7770000001', '7770000002', '7770000003'];
const COMMANDS = [
  ...['TakeStock', 'GiveStockBack', 'Restock', 'CreateGoods', 'ChangePrice', 'FindGoods', 'UseCoupon'],
  ...['GiveCouponBack', 'IssueCoupon', 'TakeMoney', 'GiveMoneyBack', 'AddPoints', 'Recharge', 'FindWallet'],
  ...['PlaceOrder', 'StepsAnswered', 'TrySteps', 'AwaitOrder', 'CancelOrder', 'ExpireOrder', 'RefundOrder'],
  ...['OpenPayment', 'MarkPaid', 'FinishCompensation', 'CreatePayment', 'RecordNotice', 'StartRefund'],
  ...['RefundPayment', 'WritePayLog', '__proto__', 'constructor'],
];

const text: Schema = { type: 'string' };
const anything: Schema = {
  anyOf: [text, { type: 'number' }, { type: 'object' }, { type: 'array', items: text }],
};
const one = (values: readonly unknown[]): Schema => ({ enum: values });
const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema => ({
  type: 'object',
  properties,
  required,
});

const command = object(
  {
    type: one(COMMANDS),
    ...{ orderId: one(IDS), goodsId: one(IDS), payId: one(IDS), userId: one(IDS), couponId: one(IDS) },
    ...{
      amount: anything,
      price: anything,
      quantity: anything,
      stock: anything,
      requestKey: anything,
      at: anything,
    },
    ...{
      name: anything,
      description: anything,
      transactionId: anything,
      provider: anything,
      answers: anything,
    },
    ...{ round: anything, lines: anything, order: anything, reason: anything, failed: anything },
  },
  ['type'],
);
const envelope = object(
  {
    kind: one(KINDS),
    id: one(IDS),
    shard: { type: 'integer', minimum: 0, maximum: 70 },
    command,
    key: one([...IDS, 'x']),
    attempt: { type: 'integer', minimum: 1, maximum: 5 },
    trace: text,
    inbox: object({ group: text, tag: text, key: text, messageId: text, body: text }, [
      'group',
      'tag',
      'key',
    ]),
  },
  ['kind', 'id', 'shard', 'command', 'key', 'attempt'],
);
const NOTHING_KNOWN: Known = {};

export const commandsToNodes: fc.Arbitrary<Shape> = fitting(
  {
    type: 'array',
    items: object({ ask: { type: 'integer', minimum: 0 }, envelope }, ['ask', 'envelope']),
    maxItems: 4,
  },
  NOTHING_KNOWN,
);
