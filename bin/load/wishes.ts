// What customers want: mostly what can be had, and now and then something that cannot, so that what was taken must
// come back.
import type { Data, OrderLine } from './order-body';
import type { Chance } from './seeded';

export interface Goods {
  readonly goodsId: string;
  readonly price: string;
}

/** What there is to want. */
export interface Market {
  readonly goods: readonly Goods[];
  readonly users: readonly string[];
  /** Coupons by user. */
  readonly coupons: ReadonlyMap<string, readonly string[]>;
}

export interface Wish {
  readonly userId: string;
  readonly lines: readonly OrderLine[];
  readonly couponId: string | undefined;
  readonly moneyPaid: string | undefined;
  readonly then:
    | 'pays at the platform'
    | 'is paid by callback'
    | 'looks'
    | 'cancels'
    /** Both at once. */
    | 'pays and cancels'
    | 'leaves';
  /** The order is sent a second time with the same key, as by an impatient finger. */
  readonly sendsTwice: boolean;
  /** What the payer asks of the platform, as its page has it; without it the platform is as one would wish. */
  readonly misbehaviour?: Data;
}

/** More than any shelf holds. */
const TOO_MANY = 900_000;
const IMPOSSIBLE = 0.1;

const ENDS: readonly Wish['then'][] = [
  'pays at the platform',
  'pays at the platform',
  'is paid by callback',
  'looks',
  'cancels',
  'leaves',
];

export function wishFor(market: Market, chance: Chance): Wish {
  const userId = chance.pick(market.users);
  const goods = new Set([chance.pick(market.goods), ...(chance.of(0.4) ? [chance.pick(market.goods)] : [])]);
  const isImpossible = chance.of(IMPOSSIBLE);
  const coupons = market.coupons.get(userId) ?? [];
  return {
    userId,
    lines: [...goods].map(({ goodsId, price }, place) => ({
      goodsId,
      goodsPrice: price,
      // The last line cannot be taken, so what the others took comes back.
      goodsNumber: isImpossible && place === goods.size - 1 ? TOO_MANY : 1,
    })),
    couponId: coupons.length > 0 && chance.of(0.2) ? chance.pick(coupons) : undefined,
    moneyPaid: chance.of(0.4) ? '1.00' : undefined,
    then: chance.pick(ENDS),
    sendsTwice: chance.of(0.05),
  };
}
