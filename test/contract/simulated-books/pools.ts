// The few values that the random runs draw from, so that they meet.
import fc, { type Arbitrary } from 'fast-check';
import type { InboxClaim, Instant } from '../../../actors/domain/envelope';
import { plusMs } from '../../../actors/domain/instant';

const BEGINNING = '2026-03-04T05:06:07.089Z';

/** @param second of the run's time */
export const momentAt = (second: number): Instant => plusMs(BEGINNING, second * 1_000);

export const some = <Value>(...values: readonly Value[]): Arbitrary<Value> => fc.constantFrom(...values);
export const oneOf = (...texts: readonly string[]): Arbitrary<string> => some(...texts);

/** The entities of the runs; the last of each kind does not exist at the beginning. */
export const IDS = {
  order: ['101', '102', '103', '9007199254740995'],
  payment: ['31', '32'],
  goods: ['1', '2', '3'],
  coupon: ['21', '22', '23'],
  wallet: ['11', '12', '13'],
  'pay-log': ['31', '32', '33'],
} as const;

export const GROUP_NAMES = ['order_orderTopic_cancel_goods_group', 'order_orderTopic_cancel_coupon_group'];
const CLAIMED_KEYS = ['101', '102', '101:1', 'poison:m1'];
const BODIES = ['{"orderId":"101"}', '{"orderId":"102"}', '{}', 'no "JSON" \0'];

export const claims: Arbitrary<InboxClaim> = fc.record({
  group: oneOf(...GROUP_NAMES),
  tag: oneOf('order_cancel'),
  key: oneOf(...CLAIMED_KEYS),
  messageId: oneOf('m1', 'm2'),
  body: oneOf(...BODIES),
});
