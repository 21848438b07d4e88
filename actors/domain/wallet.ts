// A user's wallet and points: money is taken and given back once an order, points given and taken back
// once a payment (R2, R14).
import { accept, reject, unchanged, type Decider, type Decision } from './decision';
import { ok } from './envelope';
import type { OrderId, PayId, UserId } from './ids';
import { add, compare, isStorable, isZero, pointsOf, subtract, ZERO, type Money } from './money';

export type WalletCommand =
  /** An amount of 0 takes nothing and only asks whether the user exists. */
  | { readonly type: 'TakeMoney'; readonly orderId: OrderId; readonly amount: Money }
  | { readonly type: 'GiveMoneyBack'; readonly orderId: OrderId; readonly payId?: PayId }
  | { readonly type: 'AddPoints'; readonly payId: PayId; readonly amount: Money }
  | { readonly type: 'Recharge'; readonly requestKey: string; readonly amount: Money }
  | { readonly type: 'FindWallet' };

export type WalletFact =
  | { readonly type: 'MoneyTaken'; readonly orderId: OrderId; readonly amount: Money }
  /** Amount 0: nothing was taken, and nothing ever will be for this order. */
  | { readonly type: 'MoneyGivenBack'; readonly orderId: OrderId; readonly amount: Money }
  | { readonly type: 'PointsAdded'; readonly payId: PayId; readonly points: number }
  | { readonly type: 'PointsTakenBack'; readonly payId: PayId; readonly points: number }
  | { readonly type: 'Recharged'; readonly requestKey: string; readonly amount: Money };

export interface Wallet {
  readonly userId: UserId;
  readonly name: string;
  readonly mobile: string;
  readonly money: Money;
  readonly score: number;
  readonly regTime: string;
}

/** What the ledgers say of the keys of one command. */
export interface WalletRecord {
  readonly taken?: Money;
  readonly givenBack?: boolean;
  readonly recharged?: Money;
  readonly pointsGiven?: number;
  readonly pointsTakenBack?: boolean;
}

function decide(
  command: WalletCommand,
  wallet: Wallet | undefined,
  recorded: WalletRecord | undefined,
): Decision<WalletFact, WalletCommand> {
  switch (command.type) {
    case 'TakeMoney':
      if (recorded?.givenBack) return reject('SHOP_USER_MONEY_REFUND_ALREADY');
      if (recorded?.taken !== undefined) {
        return recorded.taken === command.amount ? unchanged(ok({})) : reject('SHOP_USER_MONEY_REDUCE_FAIL');
      }
      if (!wallet) return reject('SHOP_USER_NO_EXIST', { invalid: true });
      if (isZero(command.amount)) return unchanged(ok({}));
      if (compare(wallet.money, command.amount) < 0) return reject('SHOP_MONEY_PAID_INVALID');
      return accept([{ type: 'MoneyTaken', orderId: command.orderId, amount: command.amount }], ok({}));

    case 'GiveMoneyBack':
      return giveMoneyBack(command, recorded);

    case 'AddPoints':
      if (!wallet) return reject('SHOP_USER_NO_EXIST');
      if (recorded?.pointsGiven !== undefined) return unchanged(ok({}));
      return accept(
        [{ type: 'PointsAdded', payId: command.payId, points: pointsOf(command.amount) }],
        ok({}),
      );

    case 'Recharge':
      if (!wallet) return reject('SHOP_USER_NO_EXIST');
      if (recorded?.recharged !== undefined) {
        return recorded.recharged === command.amount
          ? unchanged(ok(wallet))
          : reject('SHOP_REQUEST_KEY_CONFLICT');
      }
      if (!isStorable(add(wallet.money, command.amount))) return reject('SHOP_MONEY_PAID_INVALID');
      return accept(
        [{ type: 'Recharged', requestKey: command.requestKey, amount: command.amount }],
        ok({ ...wallet, money: add(wallet.money, command.amount) }),
      );

    case 'FindWallet':
      return wallet ? unchanged(ok(wallet)) : reject('SHOP_USER_NO_EXIST');
  }
}

/** Gives the order's money back and takes its points back, each if it has not been done. */
function giveMoneyBack(
  command: Extract<WalletCommand, { type: 'GiveMoneyBack' }>,
  recorded: WalletRecord | undefined,
): Decision<WalletFact, WalletCommand> {
  const facts: WalletFact[] = [];
  if (!recorded?.givenBack) {
    facts.push({ type: 'MoneyGivenBack', orderId: command.orderId, amount: recorded?.taken ?? ZERO });
  }
  if (command.payId !== undefined && !recorded?.pointsTakenBack) {
    facts.push({ type: 'PointsTakenBack', payId: command.payId, points: recorded?.pointsGiven ?? 0 });
  }
  return facts.length === 0 ? unchanged(ok({})) : accept(facts, ok({}));
}

function evolve(wallet: Wallet | undefined, fact: WalletFact): Wallet | undefined {
  if (!wallet) return undefined;
  switch (fact.type) {
    case 'MoneyTaken':
      return { ...wallet, money: subtract(wallet.money, fact.amount) };
    case 'MoneyGivenBack':
    case 'Recharged':
      return { ...wallet, money: add(wallet.money, fact.amount) };
    case 'PointsAdded':
      return { ...wallet, score: wallet.score + fact.points };
    case 'PointsTakenBack':
      return { ...wallet, score: wallet.score - fact.points };
  }
}

/** `order:<orderId>[:<payId>]`, `pay:<payId>` or `key:<requestKey>`: which ledger rows a command needs. */
function recordKey(command: WalletCommand, attempt: number): string | undefined {
  switch (command.type) {
    case 'TakeMoney':
      return attempt > 1 ? `order:${command.orderId}` : undefined;
    case 'GiveMoneyBack':
      return `order:${command.orderId}${command.payId ? `:${command.payId}` : ''}`;
    case 'AddPoints':
      return attempt > 1 ? `pay:${command.payId}` : undefined;
    case 'Recharge':
      return `key:${command.requestKey}`;
    case 'FindWallet':
      return undefined;
  }
}

export const walletDecider: Decider<Wallet, WalletCommand, WalletFact, WalletRecord> = {
  decide,
  evolve,
  recordKey,
  settled: () => undefined,
};
