// The statements of persistence/stores/wallet-statements.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import { add, subtract, ZERO, type Money } from '../../../../actors/domain/money';
import { amount, batch, int, text, textOrNull } from '../batch';
import { LogType, type UserRow } from '../rows';
import { keyOf, type ShopTables } from '../tables';
import { claimRow } from './claimed';
import { writeClaims } from './inbox-claims';
import { isDone, unexpected, type Outcome } from './outcome';
import type { Statements } from './statement';

const ASKED = batch({ user_id: text, order_id: textOrNull, pay_id: textOrNull, request_key: textOrNull });
export const MONEY = batch({ user_id: text, order_id: text, amount, entry: int });
const MONEY_GIVEN = batch({ user_id: text, order_id: text, amount, entry: int, money_log_type: int });
const POINTS = batch({ user_id: text, pay_id: text, points: int, entry: int });

const [MONEY_BACK_FROM, POINTS_FROM, POINTS_BACK_FROM, TIME, CLAIMS_FROM] = [6, 10, 14, 18, 19];

function load({ users, moneyLog, scoreLog }: ShopTables, values: readonly unknown[]): readonly object[] {
  return ASKED.rows(values, 1).map((asked) => {
    const money = (key: string | null, type: number) =>
      key === null ? undefined : moneyLog.get(keyOf(asked.user_id, key, type));
    const points = (type: number) =>
      asked.pay_id === null ? undefined : scoreLog.get(keyOf(asked.user_id, asked.pay_id, type));
    return {
      ...(users.get(asked.user_id) ?? { user_id: null }),
      taken: money(asked.order_id, LogType.take)?.use_money ?? null,
      given_back: money(asked.order_id, LogType.giveBack) !== undefined,
      recharged: money(asked.request_key, LogType.opening)?.use_money ?? null,
      points_given: points(LogType.take)?.score ?? null,
      points_taken_back: points(LogType.giveBack) !== undefined,
    };
  });
}

const takeMoney = (tables: ShopTables, values: readonly unknown[]): readonly object[] =>
  takeGiven(tables, MONEY.rows(values, 1), values[4] as Instant);

export function takeGiven(tables: ShopTables, takes: readonly MoneyBack[], at: Instant): readonly object[] {
  const given = takes.map((take) => ({ ...take, money_log_type: LogType.take }));
  const held = tables.users.pick(given.map((row) => row.user_id));
  const changes = new Changes();
  const outcomes = addMoney(tables, held, given, at, changes);
  return [...changes.move(tables, held), ...unexpected(outcomes)];
}

/** Points that are added and nothing else. @returns the figures of whom there is, and what was not done */
export function addGivenPoints(
  tables: ShopTables,
  given: readonly Omit<Points, 'entry'>[],
  at: Instant,
): readonly object[] {
  const points = given.map((row, entry) => ({ ...row, entry }));
  const held = tables.users.pick(points.map((row) => row.user_id));
  const changes = new Changes();
  const outcomes = addPoints(tables, held, points, at, changes);
  return [...changes.move(tables, held), ...unexpected(outcomes)];
}

function changeWallets(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const money = MONEY_GIVEN.rows(values, 1);
  const moneyBack = MONEY.rows(values, MONEY_BACK_FROM);
  const points = POINTS.rows(values, POINTS_FROM);
  const pointsBack = POINTS.rows(values, POINTS_BACK_FROM);
  const at = values[TIME - 1] as Instant;
  const held = tables.users.pick(
    [...money, ...moneyBack, ...points, ...pointsBack].map((row) => row.user_id),
  );
  const changes = new Changes();
  const outcomes = [
    ...addMoney(tables, held, money, at, changes),
    ...giveMoneyBack(tables, moneyBack, at, changes),
    ...addPoints(tables, held, points, at, changes),
    ...takePointsBack(tables, pointsBack, at, changes),
  ];
  const isEffective = isDone(outcomes);
  const moved = changes.move(tables, held);
  writeClaims(tables, values, CLAIMS_FROM, at, (effect) => isEffective(Number(effect)));
  return [...moved, ...unexpected(outcomes)];
}

type MoneyGiven = ReturnType<typeof MONEY_GIVEN.rows>[number];
type MoneyBack = ReturnType<typeof MONEY.rows>[number];
type Points = ReturnType<typeof POINTS.rows>[number];
/** Rows as they were before the statement. */
type Held = ReadonlyMap<string, UserRow>;

/** The sum of what happens to each user, who is updated once (R5). */
class Changes {
  private readonly sums = new Map<string, { readonly money: Money; readonly score: number }>();

  note(userId: string, money: Money, score: number): void {
    const sum = this.sums.get(userId) ?? { money: ZERO, score: 0 };
    this.sums.set(userId, { money: add(sum.money, money), score: sum.score + score });
  }

  /** @returns the users' figures */
  move({ users }: ShopTables, held: Held): readonly object[] {
    const figures: object[] = [];
    for (const [id, { money, score }] of this.sums) {
      const user = held.get(id);
      if (!user) continue;
      const moved = { user_money: add(user.user_money, money), user_score: user.user_score + score };
      users.replace({ ...user, ...moved });
      figures.push({ id, money: moved.user_money, score: moved.user_score, entry: null, done: null });
    }
    return figures;
  }
}

function addMoney(
  { moneyLog }: ShopTables,
  held: Held,
  given: readonly MoneyGiven[],
  at: Instant,
  changes: Changes,
): readonly Outcome[] {
  return given.map(({ user_id, order_id, amount: money, entry, money_log_type }) => {
    if (!held.has(user_id)) return { entry, done: false };
    const row = { user_id, order_id, money_log_type, use_money: money, create_time: at };
    const done = moneyLog.insertOrSkip(row);
    const isTake = money_log_type === LogType.take;
    if (done) changes.note(user_id, isTake ? subtract(ZERO, money) : money, 0);
    return { entry, done };
  });
}

function giveMoneyBack(
  { moneyLog }: ShopTables,
  returned: readonly MoneyBack[],
  at: Instant,
  changes: Changes,
): readonly Outcome[] {
  const claimed = new Set<string>();
  return returned.map(({ user_id, order_id, amount: believed, entry }) => {
    const row = { user_id, order_id, create_time: at };
    const key = keyOf(user_id, order_id, LogType.take);
    const tombstone = { ...row, money_log_type: LogType.take, use_money: ZERO };
    const { use_money } = claimRow(moneyLog, key, claimed, tombstone);
    const done = moneyLog.insertOrSkip({ ...row, money_log_type: LogType.giveBack, use_money });
    if (done) changes.note(user_id, use_money, 0);
    return { entry, done, differs: use_money !== believed };
  });
}

function addPoints(
  { scoreLog }: ShopTables,
  held: Held,
  given: readonly Points[],
  at: Instant,
  changes: Changes,
): readonly Outcome[] {
  return given.map(({ user_id, pay_id, points, entry }) => {
    if (!held.has(user_id)) return { entry, done: false };
    const row = { user_id, pay_id, log_type: LogType.take, score: points, create_time: at };
    const done = scoreLog.insertOrSkip(row);
    if (done) changes.note(user_id, ZERO, points);
    return { entry, done };
  });
}

function takePointsBack(
  { scoreLog }: ShopTables,
  returned: readonly Points[],
  at: Instant,
  changes: Changes,
): readonly Outcome[] {
  const claimed = new Set<string>();
  return returned.map(({ user_id, pay_id, points, entry }) => {
    const row = { user_id, pay_id, create_time: at };
    const key = keyOf(user_id, pay_id, LogType.take);
    const tombstone = { ...row, log_type: LogType.take, score: 0 };
    const score = 0 - claimRow(scoreLog, key, claimed, tombstone).score;
    const done = scoreLog.insertOrSkip({ ...row, log_type: LogType.giveBack, score });
    if (done) changes.note(user_id, ZERO, score);
    return { entry, done, differs: 0 - score !== points };
  });
}

export const WALLET: Statements = {
  'wallet-load': load,
  'wallet-take': takeMoney,
  'wallet-change': changeWallets,
};
