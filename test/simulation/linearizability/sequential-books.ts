// The real deciders, one command after the other, over ledgers in memory: what such a run answers is explained by
// its very order.
import { couponDecider, type Coupon, type CouponCommand } from '../../../actors/domain/coupon';
import type { CouponFact, CouponRecord } from '../../../actors/domain/coupon';
import type { Decider } from '../../../actors/domain/decision';
import { refused, type Answer } from '../../../actors/domain/envelope';
import { goodsDecider, type Goods, type GoodsCommand } from '../../../actors/domain/goods';
import type { GoodsFact, GoodsRecord } from '../../../actors/domain/goods';
import { walletDecider, type Wallet, type WalletCommand } from '../../../actors/domain/wallet';
import type { WalletFact, WalletRecord } from '../../../actors/domain/wallet';

/** The ledger keys that a fact stands under, and what it adds to their rows. */
type Rows<Fact, Row> = (fact: Fact) => readonly [key: string, row: Row];

export interface Books<Command> {
  /** @param attempt from 2 on the ledger row is read before it is decided (R8) */
  carryOut(command: Command, attempt: number): { readonly answer: Answer; readonly isAccepted: boolean };
}

export const goodsBooks = (goods: Goods | undefined): Books<GoodsCommand> =>
  booksOf<Goods, GoodsCommand, GoodsFact, GoodsRecord>(
    goodsDecider,
    goods,
    goods ? [['0', { restocked: goods.stock }]] : [],
    (fact) => {
      switch (fact.type) {
        case 'StockTaken':
          return [fact.orderId, { taken: fact.quantity }];
        case 'StockGivenBack':
          return [fact.orderId, { taken: fact.quantity, givenBack: true }];
        case 'Restocked':
          return [fact.requestKey, { restocked: fact.quantity }];
        case 'GoodsCreated':
          return ['0', { restocked: fact.goods.stock }];
        case 'PriceChanged':
          return ['', {}];
      }
    },
  );

export const walletBooks = (wallet: Wallet | undefined): Books<WalletCommand> =>
  booksOf<Wallet, WalletCommand, WalletFact, WalletRecord>(walletDecider, wallet, [], (fact) => {
    switch (fact.type) {
      case 'MoneyTaken':
        return [`order:${fact.orderId}`, { taken: fact.amount }];
      case 'MoneyGivenBack':
        return [`order:${fact.orderId}`, { taken: fact.amount, givenBack: true }];
      case 'PointsAdded':
        return [`pay:${fact.payId}`, { pointsGiven: fact.points }];
      case 'PointsTakenBack':
        return [`pay:${fact.payId}`, { pointsGiven: fact.points, pointsTakenBack: true }];
      case 'Recharged':
        return [`key:${fact.requestKey}`, { recharged: fact.amount }];
    }
  });

export const couponBooks = (coupon: Coupon | undefined): Books<CouponCommand> =>
  booksOf<Coupon, CouponCommand, CouponFact, Partial<CouponRecord>>(couponDecider, coupon, [], (fact) => {
    switch (fact.type) {
      case 'CouponUsed':
        return [fact.orderId, { used: true, price: fact.price }];
      case 'CouponGivenBack':
        return [fact.orderId, { used: fact.used, givenBack: true }];
      case 'CouponIssued':
        return ['', {}];
    }
  });

function booksOf<State, Command extends { type: string }, Fact, Row extends object>(
  decider: Decider<State, Command, Fact, Row>,
  initial: State | undefined,
  opening: readonly (readonly [string, Row])[],
  rows: Rows<Fact, Row>,
): Books<Command> {
  const ledger = new Map(opening);
  let state = initial;

  /** A wallet's give-back of money and points has two rows: `order:<orderId>:<payId>`. */
  const read = (key: string): Row | undefined => {
    const [kind, first, second] = key.split(':');
    if (second === undefined) return ledger.get(key);
    const both = { ...ledger.get(`${kind}:${first}`), ...ledger.get(`pay:${second}`) } as Row;
    return Object.keys(both).length === 0 ? undefined : both;
  };

  const decide = (command: Command, attempt: number) => {
    const key = decider.recordKey(command, attempt);
    return decider.decide(command, state, key === undefined ? undefined : read(key));
  };

  return {
    carryOut(command, attempt) {
      let decision = decide(command, attempt);
      const key = decider.recordKey(command, 2);
      // The ledger's unique key makes a repeat of what was accepted unseen, and it is decided again.
      if (attempt === 1 && decision.kind === 'accept' && key !== undefined && read(key) !== undefined) {
        decision = decide(command, 2);
      }
      switch (decision.kind) {
        case 'accept':
          for (const fact of decision.facts) {
            const [place, row] = rows(fact);
            ledger.set(place, { ...ledger.get(place), ...row });
            state = decider.evolve(state, fact);
          }
          return { answer: decision.answer as Answer, isAccepted: true };
        case 'unchanged':
          return { answer: decision.answer, isAccepted: false };
        case 'reject':
          return { answer: refused(decision.code, decision.invalid, decision.data), isAccepted: false };
        case 'park':
        case 'wait':
          throw new Error(`${command.type} waits`);
      }
    },
  };
}
