// Ledger rows have an owner, and what was given back is what was taken.
import { isNegative, ZERO } from '../../../../actors/domain/money';
import { LogType } from '../rows';
import { keyOf } from '../tables';
import type { Rules } from './rule';

export const LEDGER_RULES = {
  'stock ledger rows belong to goods': ({ goods, goodsLog }) =>
    goodsLog.where((row) => row.goods_number !== 0 && !goods.has(row.goods_id)).map((row) => row.goods_id),
  'stock given back is what was taken': ({ goodsLog }) =>
    goodsLog
      .where((row) => {
        if (row.log_type !== LogType.giveBack) return false;
        const taken = goodsLog.get(keyOf(row.order_id, row.goods_id, LogType.take));
        return !taken || row.goods_number + taken.goods_number !== 0 || taken.goods_number > 0;
      })
      .map((row) => `${row.order_id}:${row.goods_id}`),
  'money ledger rows belong to users': ({ users, moneyLog }) =>
    moneyLog.where((row) => row.use_money !== ZERO && !users.has(row.user_id)).map((row) => row.user_id),
  'wallet money given back is what was taken': ({ moneyLog }) =>
    moneyLog
      .where((row) => {
        if (row.money_log_type !== LogType.giveBack) return false;
        const taken = moneyLog.get(keyOf(row.user_id, row.order_id, LogType.take));
        return !taken || row.use_money !== taken.use_money || isNegative(taken.use_money);
      })
      .map((row) => `${row.user_id}:${row.order_id}`),
  'points ledger rows belong to users': ({ users, scoreLog }) =>
    scoreLog.where((row) => row.score !== 0 && !users.has(row.user_id)).map((row) => row.user_id),
  'points taken back are what was given': ({ scoreLog }) =>
    scoreLog
      .where((row) => {
        if (row.log_type !== LogType.giveBack) return false;
        const given = scoreLog.get(keyOf(row.user_id, row.pay_id, LogType.take));
        return !given || row.score + given.score !== 0 || given.score < 0;
      })
      .map((row) => `${row.user_id}:${row.pay_id}`),
  'coupons are used as their ledger says': ({ coupons, couponLog }) => {
    const standing = couponLog.where(
      (row) =>
        row.log_type === LogType.take && !couponLog.has(keyOf(row.coupon_id, row.order_id, LogType.giveBack)),
    );
    const users = new Map<string, string[]>();
    for (const { coupon_id: id, order_id } of standing) users.set(id, [...(users.get(id) ?? []), order_id]);
    const wrong = coupons.where((row) => {
      const said = row.order_id === null ? [] : [row.order_id];
      return said.join() !== (users.get(row.coupon_id) ?? []).join();
    });
    const lost = standing.filter((row) => !coupons.has(row.coupon_id));
    return [...wrong, ...lost].map((row) => row.coupon_id);
  },
  'a coupon given back has a ledger row that it was used': ({ couponLog }) =>
    couponLog
      .where(
        (row) =>
          row.log_type === LogType.giveBack &&
          !couponLog.has(keyOf(row.coupon_id, row.order_id, LogType.take)),
      )
      .map((row) => `${row.coupon_id}:${row.order_id}`),
} as const satisfies Rules;
