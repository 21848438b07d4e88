// A coupon, one command after the other: one order of its owner uses it at a time. When it was used is not looked
// at: every attempt says another moment.
import type { CouponCommand } from '../../../actors/domain/coupon';
import { Ledger } from './ledger';
import { no, yes, type Model, type Outcome } from './model';
import type { Verdict } from './operation';

export interface CouponFigures {
  readonly price: string;
  readonly userId: string;
}

export interface CouponState {
  readonly coupon: (CouponFigures & { readonly orderId: string | undefined }) | undefined;
  readonly ledger: string;
}

interface Row {
  /** Undefined: the order never used it, and never will. */
  readonly price?: string;
  readonly back?: true;
}

/** @param opening undefined: the coupon is not issued yet */
export function couponModel(opening: CouponFigures | undefined): Model<CouponState, CouponCommand> {
  const ledger = new Ledger<Row>();

  const hastyUse = (
    { coupon }: CouponState,
    command: { readonly userId: string; readonly orderId: string },
  ): Verdict | undefined => {
    if (!coupon) return no('SHOP_COUPON_NO_EXIST', true);
    if (coupon.userId !== command.userId) return no('SHOP_COUPON_INVALIED', true);
    if (coupon.orderId === undefined) return undefined;
    return coupon.orderId === command.orderId ? yes({ price: coupon.price }) : no('SHOP_COUPON_INVALIED');
  };

  const settle = (state: CouponState, command: CouponCommand): Outcome<CouponState> => {
    const { coupon } = state;
    const stay = (verdict: Verdict): Outcome<CouponState> => ({ verdict, next: state });
    const write = (row: Row, orderId: string): string => ledger.write(state.ledger, orderId, row);

    switch (command.type) {
      case 'UseCoupon': {
        const { orderId } = command;
        const row = ledger.read(state.ledger, orderId);
        if (row?.back) return stay(no('SHOP_COUPON_USE_FAIL'));
        if (row?.price !== undefined) return stay(yes({ price: row.price }));
        const answered = hastyUse(state, command);
        if (answered) return stay(answered);
        const price = coupon?.price ?? '';
        return {
          verdict: yes({ price }),
          next: { coupon: coupon && { ...coupon, orderId }, ledger: write({ price }, orderId) },
        };
      }
      case 'GiveCouponBack': {
        const { orderId } = command;
        const row = ledger.read(state.ledger, orderId);
        if (row?.back) return stay(yes());
        const isIts = row?.price !== undefined && coupon?.orderId === orderId;
        return {
          verdict: yes(),
          next: {
            coupon: isIts ? { ...coupon, orderId: undefined } : coupon,
            ledger: write({ ...row, back: true }, orderId),
          },
        };
      }
      case 'IssueCoupon': {
        const { price, userId } = command;
        if (!coupon) {
          return {
            verdict: yes({ price, userId, orderId: undefined }),
            next: { coupon: { price, userId, orderId: undefined }, ledger: state.ledger },
          };
        }
        const isSame = coupon.userId === userId && coupon.price === price;
        return stay(isSame ? yes(coupon) : no('SHOP_COUPON_EXIST'));
      }
      case 'FindCoupon':
        return stay(coupon ? yes(coupon) : no('SHOP_COUPON_NO_EXIST'));
    }
  };

  return {
    initial: {
      coupon: opening && { price: opening.price, userId: opening.userId, orderId: undefined },
      ledger: '',
    },
    settle,
    hasty: (state, command) => (command.type === 'UseCoupon' ? hastyUse(state, command) : undefined),
    onceKey: (command) => JSON.stringify({ ...command, at: undefined }),
    keyOf: ({ coupon, ledger: text }) =>
      coupon ? `${coupon.userId} ${coupon.price} ${coupon.orderId ?? ''} ${text}` : text,
    describe: ({ coupon }) =>
      coupon
        ? `${coupon.price} of user ${coupon.userId}, ${coupon.orderId ? `used by order ${coupon.orderId}` : 'free'}`
        : 'no such coupon',
  };
}
