// Whatever really happened one after the other is explained, however its operations overlap and whichever answers
// are lost; and one answer that is not true is found.
import * as fc from 'fast-check';
import type { CouponCommand } from '../../../actors/domain/coupon';
import { ok, refused, retry, type Answer } from '../../../actors/domain/envelope';
import type { GoodsCommand } from '../../../actors/domain/goods';
import {
  id,
  type CouponId,
  type GoodsId,
  type OrderId,
  type PayId,
  type UserId,
} from '../../../actors/domain/ids';
import { money } from '../../../actors/domain/money';
import type { WalletCommand } from '../../../actors/domain/wallet';
import { couponModel } from './coupon-model';
import { goodsModel } from './goods-model';
import { agrees, type Model } from './model';
import { isTurnedAway, verdictOf, type Operation } from './operation';
import { findInexplicable } from './report';
import { couponBooks, goodsBooks, walletBooks, type Books } from './sequential-books';
import { walletModel } from './wallet-model';

/** For a long look: PROPERTY_RUNS=20000. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 300);

const ANY_TIME = '2026-01-01T00:00:00.000Z';
const owner = id<UserId>('3');
const price = money('5.00');

const orders = fc.integer({ min: 1, max: 5 }).map((number) => id<OrderId>(String(number)));
const payments = fc.constantFrom('8', '9').map((text) => id<PayId>(text));
const quantities = fc.integer({ min: 1, max: 4 });
const amounts = fc.constantFrom('0.00', '0.10', '3.30', '7.25').map(money);
const requestKeys = fc.constantFrom('71', '72');

interface World<State, Command extends { type: string }> {
  readonly commands: fc.Arbitrary<Command>;
  readonly model: () => Model<State, Command>;
  readonly books: () => Books<Command>;
  readonly find: Command;
  readonly isFalse: (answer: Answer) => Answer;
}

const lamp = {
  goodsId: id<GoodsId>('2'),
  name: 'a lamp',
  description: '',
  price,
  stock: 9,
  addTime: ANY_TIME,
};

const goods = (isThere: boolean): World<unknown, GoodsCommand> => ({
  commands: fc.oneof<fc.Arbitrary<GoodsCommand>[]>(
    fc.record({
      type: fc.constant('TakeStock'),
      orderId: orders,
      quantity: quantities,
      price: fc.constant(price),
    }),
    fc.record({ type: fc.constant('GiveStockBack'), orderId: orders }),
    fc.record({ type: fc.constant('Restock'), requestKey: requestKeys, quantity: quantities }),
    fc.record({ type: fc.constant('ChangePrice'), price: fc.constantFrom(price, money('6.00')) }),
    fc.record({ type: fc.constant('FindGoods') }),
    fc.constantFrom<GoodsCommand>(
      { ...lamp, type: 'CreateGoods', at: ANY_TIME },
      { ...lamp, type: 'CreateGoods', stock: 4, at: ANY_TIME },
    ),
  ),
  model: () => goodsModel(isThere ? lamp : undefined),
  books: () => goodsBooks(isThere ? lamp : undefined),
  find: { type: 'FindGoods' },
  isFalse: (answer) => ok({ ...dataOf(answer), stock: Number(dataOf(answer)['stock'] ?? 0) + 1 }),
});

const alice = { userId: owner, name: '', mobile: '', money: money('10.00'), score: 3, regTime: ANY_TIME };

const wallet: World<unknown, WalletCommand> = {
  commands: fc.oneof<fc.Arbitrary<WalletCommand>[]>(
    fc.record({ type: fc.constant('TakeMoney'), orderId: orders, amount: amounts }),
    fc.record({ type: fc.constant('GiveMoneyBack'), orderId: orders }),
    fc.record({ type: fc.constant('GiveMoneyBack'), orderId: orders, payId: payments }),
    fc.record({ type: fc.constant('AddPoints'), payId: payments, amount: amounts }),
    fc.record({ type: fc.constant('Recharge'), requestKey: requestKeys, amount: amounts }),
    fc.record({ type: fc.constant('FindWallet') }),
  ),
  model: () => walletModel(alice),
  books: () => walletBooks(alice),
  find: { type: 'FindWallet' },
  isFalse: (answer) => ok({ ...dataOf(answer), score: Number(dataOf(answer)['score']) + 1 }),
};

const voucher = {
  couponId: id<CouponId>('4'),
  price,
  userId: owner,
  orderId: undefined,
  usedTime: undefined,
};

const coupon: World<unknown, CouponCommand> = {
  commands: fc.oneof<fc.Arbitrary<CouponCommand>[]>(
    fc.record({
      type: fc.constant('UseCoupon'),
      orderId: orders,
      userId: fc.constantFrom(owner, owner, id<UserId>('4')),
      at: fc.constant(ANY_TIME),
    }),
    fc.record({ type: fc.constant('GiveCouponBack'), orderId: orders }),
    fc.record({
      type: fc.constant('IssueCoupon'),
      couponId: fc.constant(voucher.couponId),
      userId: fc.constant(owner),
      price: fc.constantFrom(price, money('6.00')),
    }),
    fc.record({ type: fc.constant('FindCoupon') }),
  ),
  model: () => couponModel(voucher),
  books: () => couponBooks(voucher),
  find: { type: 'FindCoupon' },
  isFalse: () => refused('SHOP_COUPON_NO_EXIST'),
};

const dataOf = (answer: Answer): Readonly<Record<string, unknown>> =>
  answer.outcome === 'ok' ? (answer.data as Record<string, unknown>) : {};

/** Steps between two moments of effect: the longer an operation lasts, the more it overlaps. */
const PACE = 10;

const step = <Command>(commands: fc.Arbitrary<Command>) =>
  fc.record({
    command: commands,
    attempt: fc.integer({ min: 1, max: 2 }),
    before: fc.integer({ min: 0, max: 8 * PACE }),
    after: fc.integer({ min: 0, max: 8 * PACE }),
    /** Answered; answered without a verdict, maybe before it takes effect; not answered; never done. */
    fate: fc.constantFrom('known', 'known', 'known', 'unknown', 'lost', 'never'),
  });

type Step<Command> = Readonly<{
  command: Command;
  attempt: number;
  before: number;
  after: number;
  fate: string;
}>;

function happen<Command extends { type: string }>(
  books: Books<Command>,
  steps: readonly Step<Command>[],
): Operation<Command>[] {
  return steps.map(({ command, attempt, before, after, fate }, place) => {
    const at = place * PACE;
    const invokedAt = at - before;
    if (fate === 'never') {
      return { invokedAt, returnedAt: invokedAt + after, command, attempt, answer: retry('unavailable') };
    }
    const { answer } = books.carryOut(command, attempt);
    if (fate === 'lost') return { invokedAt, returnedAt: undefined, command, attempt, answer: undefined };
    if (fate === 'unknown') {
      return { invokedAt, returnedAt: invokedAt + after, command, attempt, answer: retry('moving') };
    }
    return { invokedAt, returnedAt: at + after, command, attempt, answer };
  });
}

const worlds: [string, World<unknown, { type: string }>][] = [
  ['goods', goods(true)],
  ['goods that are not there yet', goods(false)],
  ['wallets', wallet],
  ['coupons', coupon],
];

describe.each(worlds)('executions of %s', (_kind, world) => {
  const known = step(world.commands).map((one) => ({ ...one, before: 0, after: 0, fate: 'known' }));

  it('are explained', () => {
    fc.assert(
      fc.property(fc.array(step(world.commands), { maxLength: 40 }), (steps) => {
        expect(findInexplicable(world.model(), happen(world.books(), steps))).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  it('are not explained with one find that answers something else', () => {
    const begun = fc.array(known, { maxLength: 20 });
    const rest = fc.array(step(world.commands), { maxLength: 10 });
    fc.assert(
      fc.property(begun, rest, (before, after) => {
        const find = { command: world.find, attempt: 1, before: 0, after: 0, fate: 'known' };
        const history = happen(world.books(), [...before, find, ...after].map(inTurn(before.length)));
        const answer = world.isFalse(history[before.length]?.answer as Answer);
        const falsified = history.map((one, place) => (place === before.length ? { ...one, answer } : one));
        expect(findInexplicable(world.model(), falsified)).toContain(`at step ${before.length * PACE}: `);
      }),
      { numRuns: RUNS },
    );
  });

  it('are explained if, and only if, one of all orders explains them', () => {
    const answers = fc.array(fc.record({ place: fc.nat(), by: fc.nat() }), { maxLength: 2 });
    let explained = 0;
    let inexplicable = 0;
    fc.assert(
      fc.property(fc.array(step(world.commands), { maxLength: 6 }), answers, (steps, swaps) => {
        const history = happen(world.books(), steps);
        for (const { place, by } of swaps) exchange(history, place, by);
        const isExplained = someOrderExplains(world.model(), history);
        expect(findInexplicable(world.model(), history) === undefined).toBe(isExplained);
        if (isExplained) explained += 1;
        else inexplicable += 1;
      }),
      { numRuns: RUNS },
    );
    expect(Math.min(explained, inexplicable)).toBeGreaterThan(RUNS / 40);
  });
});

/** Gives an operation another's answer. */
function exchange(history: Operation<{ type: string }>[], place: number, by: number): void {
  const one = history[place % history.length];
  const other = history[by % history.length];
  if (one && other) history[place % history.length] = { ...one, answer: other.answer };
}

/** Tries every order, with every choice of what may have been done or not. */
function someOrderExplains<State>(
  model: Model<State, { type: string }>,
  history: readonly Operation<{ type: string }>[],
): boolean {
  const left = history.filter((operation) => !isTurnedAway(operation));
  const goOn = (state: State, rest: readonly Operation<{ type: string }>[]): boolean => {
    const due = Math.min(...rest.map((one) => (verdictOf(one) ? Number(one.returnedAt) : Infinity)));
    if (due === Infinity) return true;
    return rest.some((one) => {
      if (one.invokedAt > due) return false;
      const others = rest.filter((other) => other !== one);
      const verdict = verdictOf(one);
      const { verdict: expected, next } = model.settle(state, one.command);
      if (!verdict || agrees(expected, verdict)) return goOn(next, others);
      const hasty = one.attempt === 1 ? model.hasty(state, one.command) : undefined;
      return hasty !== undefined && agrees(hasty, verdict) && goOn(state, others);
    });
  };
  return goOn(model.initial, left);
}

/** Nothing that is invoked after the find may begin before it. */
const inTurn =
  (find: number) =>
  <Command>(one: Step<Command>, place: number): Step<Command> => ({
    ...one,
    before: place > find ? Math.min(one.before, (place - find - 1) * PACE + 1) : one.before,
  });
