// The statements of persistence/stores/coupon-statements.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import { isNegative, type Money } from '../../../../actors/domain/money';
import { amount, batch, flag, int, text, textOrNull } from '../batch';
import { LogType, type CouponRow } from '../rows';
import { keyOf, type ShopTables } from '../tables';
import { claimRow } from './claimed';
import { writeClaims } from './inbox-claims';
import { isDone, unexpected, type Outcome } from './outcome';
import type { Statements } from './statement';

const ASKED = batch({ coupon_id: text, order_id: textOrNull });
export const USES = batch({
  coupon_id: text,
  order_id: text,
  user_id: textOrNull,
  price: amount,
  used_time: text,
  entry: int,
});
const RETURNED = batch({ coupon_id: text, order_id: text, was_used: flag, entry: int });
const FRESH = batch({ coupon_id: text, coupon_price: amount, user_id: text, entry: int });

const [RETURNED_FROM, FRESH_FROM, TIME, CLAIMS_FROM] = [7, 11, 15, 16];

/** The price of a give-back without a use: a coupon may be worth 0, and none is worth less. */
const NEVER_USED = '-1.00' as Money;

function load({ coupons, couponLog }: ShopTables, values: readonly unknown[]): readonly object[] {
  return ASKED.rows(values, 1).map(({ coupon_id: couponId, order_id: orderId }) => {
    const logged = (type: number) =>
      orderId === null ? undefined : couponLog.get(keyOf(couponId, orderId, type));
    const price = logged(LogType.take)?.coupon_price;
    return {
      ...(coupons.get(couponId) ?? { coupon_id: null }),
      recorded_price: price ?? null,
      recorded_used: price === undefined ? null : !isNegative(price),
      given_back: logged(LogType.giveBack) ? true : price === undefined ? null : false,
    };
  });
}

const useCoupons = (tables: ShopTables, values: readonly unknown[]): readonly object[] =>
  useGiven(tables, USES.rows(values, 1));

export function useGiven(tables: ShopTables, given: readonly Use[]): readonly object[] {
  const held = tables.coupons.pick(given.map((row) => row.coupon_id));
  const outcomes = use(tables, held, given);
  return [...figuresOf(tables, held), ...unexpected(outcomes)];
}

function changeCoupons(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const { coupons, couponLog } = tables;
  const given = USES.rows(values, 1);
  const returned = RETURNED.rows(values, RETURNED_FROM);
  const at = values[TIME - 1] as Instant;
  const held = tables.coupons.pick([...given, ...returned].map((row) => row.coupon_id));
  const issued: object[] = [];
  const outcomes: Outcome[] = [];
  for (const { entry, ...coupon } of FRESH.rows(values, FRESH_FROM)) {
    const done = coupons.insertOrSkip({ ...coupon, is_used: 0, order_id: null, used_time: null });
    outcomes.push({ entry, done });
    if (done) issued.push({ ...NO_FACT, id: coupon.coupon_id, user_id: coupon.user_id, order_id: null });
  }
  outcomes.push(...use(tables, held, given));
  const claimed = new Set<string>();
  for (const { coupon_id: couponId, order_id: orderId, was_used: wasUsed, entry } of returned) {
    const row = { coupon_id: couponId, order_id: orderId, log_time: at };
    const tombstone = { ...row, log_type: LogType.take, coupon_price: NEVER_USED };
    const { coupon_price: price } = claimRow(
      couponLog,
      keyOf(couponId, orderId, LogType.take),
      claimed,
      tombstone,
    );
    const done = couponLog.insertOrSkip({ ...row, log_type: LogType.giveBack, coupon_price: price });
    const isUsed = !isNegative(price);
    outcomes.push({ entry, done, differs: isUsed !== wasUsed });
    const coupon = held.get(couponId);
    if (done && isUsed && coupon?.order_id === orderId) {
      coupons.replace({ ...coupon, is_used: 0, order_id: null, used_time: null });
    }
  }
  const isEffective = isDone(outcomes);
  writeClaims(tables, values, CLAIMS_FROM, at, (effect) => isEffective(Number(effect)));
  return [...figuresOf(tables, held), ...issued, ...unexpected(outcomes)];
}

type Use = ReturnType<typeof USES.rows>[number];
/** Rows as they were before the statement. */
type Held = ReadonlyMap<string, CouponRow>;

/** Only a coupon that is free, of this user and of this price. */
function use({ coupons, couponLog }: ShopTables, held: Held, given: readonly Use[]): readonly Outcome[] {
  return given.map(({ coupon_id, order_id, user_id, price, used_time, entry }) => {
    const coupon = held.get(coupon_id);
    const fits = coupon?.order_id === null && coupon.user_id === user_id && coupon.coupon_price === price;
    if (!fits) return { entry, done: false };
    const logged = { coupon_id, order_id, coupon_price: coupon.coupon_price, log_time: used_time };
    const done = couponLog.insertOrSkip({ ...logged, log_type: LogType.take });
    if (done) coupons.replace({ ...coupon, is_used: 1, order_id, used_time });
    return { entry, done };
  });
}

const NO_FACT = { entry: null, done: null };

/** What is held now of every coupon that the batch names, changed or not. */
const figuresOf = ({ coupons }: ShopTables, held: Held): readonly object[] =>
  [...held.values()].map(({ coupon_id: id, user_id }) => ({
    ...NO_FACT,
    id,
    user_id,
    order_id: coupons.get(id)?.order_id ?? null,
  }));

export const COUPON: Statements = {
  'coupon-load': load,
  'coupon-use': useCoupons,
  'coupon-change': changeCoupons,
};
