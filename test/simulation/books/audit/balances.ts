// Balances are the sums of their ledgers, from the opening row on, and never negative.
import { add, isNegative, subtract, ZERO, type Money } from '../../../../actors/domain/money';
import { LogType } from '../rows';
import type { Rules } from './rule';

/** The sum of the amounts of each holder. */
function sumsOf<Row, Amount>(
  ledger: Iterable<Row>,
  holderOf: (row: Row) => string,
  zero: Amount,
  plus: (sum: Amount, row: Row) => Amount,
): ReadonlyMap<string, Amount> {
  const sums = new Map<string, Amount>();
  for (const row of ledger) sums.set(holderOf(row), plus(sums.get(holderOf(row)) ?? zero, row));
  return sums;
}

const signed = (type: number, amount: Money): Money =>
  type === LogType.take ? subtract(ZERO, amount) : amount;

export const BALANCE_RULES = {
  'stock is the sum of its ledger': ({ goods, goodsLog }) => {
    const sums = sumsOf(
      goodsLog,
      (row) => row.goods_id,
      0,
      (sum: number, row) => sum + row.goods_number,
    );
    return goods
      .where((row) => row.goods_number !== (sums.get(row.goods_id) ?? 0))
      .map((row) => row.goods_id);
  },
  'stock is not negative': ({ goods }) =>
    goods.where((row) => row.goods_number < 0).map((row) => row.goods_id),
  'wallet money is the sum of its ledger': ({ users, moneyLog }) => {
    const sums = sumsOf(
      moneyLog,
      (row) => row.user_id,
      ZERO,
      (sum: Money, row) => add(sum, signed(row.money_log_type, row.use_money)),
    );
    return users.where((row) => row.user_money !== (sums.get(row.user_id) ?? ZERO)).map((row) => row.user_id);
  },
  'wallet money is not negative': ({ users }) =>
    users.where((row) => isNegative(row.user_money)).map((row) => row.user_id),
  'score is the sum of its ledger': ({ users, scoreLog }) => {
    const sums = sumsOf(
      scoreLog,
      (row) => row.user_id,
      0,
      (sum: number, row) => sum + row.score,
    );
    return users.where((row) => row.user_score !== (sums.get(row.user_id) ?? 0)).map((row) => row.user_id);
  },
} as const satisfies Rules;
