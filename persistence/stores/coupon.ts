// Coupons in the database: used by one order at a time, of its owner only, and given back once (R2).
import type { Coupon, CouponFact, CouponRecord } from '../../actors/domain/coupon';
import type { CouponId, OrderId, UserId } from '../../actors/domain/ids';
import { ZERO, type Money } from '../../actors/domain/money';
import type { Loaded, Store, StoreEntry } from '../../actors/domain/ports/store';
import { PlainColumns } from './batch-columns';
import { CHANGE_COUPONS, LOAD_COUPONS, USE_COUPONS } from './coupon-statements';
import type { FlushRow } from './fates';
import { claimArrays } from './inbox-claims';
import { idsAndKeys, ledgerStore, type LedgerStoreParts } from './ledger-store';

type Entry = StoreEntry<Coupon, CouponFact>;

interface CouponRow {
  readonly coupon_id: string | null;
  readonly coupon_price: string;
  readonly user_id: string;
  readonly order_id: string | null;
  readonly used_time: string | null;
  readonly recorded_price: string | null;
  readonly recorded_used: boolean | null;
  readonly given_back: boolean | null;
}

export interface CouponFigures extends FlushRow {
  readonly user_id: string;
  readonly order_id: string | null;
}

/** The store of the coupon actors. */
export const createCouponStore = (parts: LedgerStoreParts): Store<Coupon, CouponFact, CouponRecord> =>
  ledgerStore<Coupon, CouponFact, CouponRecord, CouponRow, CouponFigures>(parts, {
    load: (requests) => ({ statement: LOAD_COUPONS, values: idsAndKeys(requests) }),
    loaded: loadedOf,
    flush: (entries, now) =>
      entries.every(isOnlyUses)
        ? { statement: USE_COUPONS, values: couponsUsed(entries) }
        : { statement: CHANGE_COUPONS, values: changesOf(entries, now) },
    agrees: agreesWithCoupon,
    // A coupon's row says one thing at a time: one entry of a statement at most may change it (R5).
    keyOf: (id) => id,
  });

/** Whether a coupon is held as it is believed to be. */
export const agreesWithCoupon = (figures: CouponFigures, after: Coupon): boolean =>
  figures.user_id === after.userId && figures.order_id === (after.orderId ?? null);

function loadedOf(row: CouponRow): Loaded<Coupon, CouponRecord> {
  const isUsed = row.recorded_used === true;
  const recorded =
    row.recorded_price === null && row.given_back === null
      ? undefined
      : {
          used: isUsed,
          price: isUsed ? (row.recorded_price as Money) : ZERO,
          givenBack: row.given_back === true,
        };
  return { state: row.coupon_id === null ? undefined : couponOf(row, row.coupon_id as CouponId), recorded };
}

const couponOf = (row: CouponRow, couponId: CouponId): Coupon => ({
  couponId,
  price: row.coupon_price as Money,
  userId: row.user_id as UserId,
  orderId: (row.order_id ?? undefined) as OrderId | undefined,
  usedTime: row.used_time ?? undefined,
});

const isOnlyUses = (entry: Entry): boolean =>
  entry.inbox === undefined && entry.facts.every((fact) => fact.type === 'CouponUsed');

/** The parameters of `useCoupons`. @param entries use and do nothing else */
export function couponsUsed(entries: readonly Entry[]): string[] {
  const uses = new PlainColumns(6);
  entries.forEach(({ id, facts, before }, place) => {
    for (const fact of facts) {
      if (fact.type === 'CouponUsed')
        uses.add(id, fact.orderId, before?.userId ?? null, fact.price, fact.at, place);
    }
  });
  return uses.arrays();
}

function changesOf(entries: readonly Entry[], now: string): unknown[] {
  const uses = new PlainColumns(6);
  const returned = new PlainColumns(4);
  const issued = new PlainColumns(4);
  entries.forEach(({ id, facts, before }, place) => {
    for (const fact of facts) {
      switch (fact.type) {
        case 'CouponUsed':
          uses.add(id, fact.orderId, before?.userId ?? null, fact.price, fact.at, place);
          break;
        case 'CouponGivenBack':
          returned.add(id, fact.orderId, fact.used, place);
          break;
        case 'CouponIssued':
          issued.add(id, fact.coupon.price, fact.coupon.userId, place);
      }
    }
  });
  return [...uses.arrays(), ...returned.arrays(), ...issued.arrays(), now, ...claimArrays(entries)];
}
