// The shop's tables in memory, with their keys and CHECKs. Nothing in here waits, tells the time or throws dice.
import type { Instant } from '../../../actors/domain/envelope';
import type { Money } from '../../../actors/domain/money';
import { checkAmount, checkCoupon, checkGoods, checkInt, checkLine, checkOrder, checkUser } from './checks';
import type * as rows from './rows';
import { LogType } from './rows';
import { Journal, Table } from './table';

/** The request key under which openings stand in the ledgers. */
const OPENING = '0';

/** What the shop has at the beginning. */
export interface Opening {
  readonly goods?: readonly { readonly goodsId: string; readonly price: Money; readonly stock: number }[];
  readonly users?: readonly { readonly userId: string; readonly money: Money; readonly score?: number }[];
  readonly coupons?: readonly { readonly couponId: string; readonly userId: string; readonly price: Money }[];
}

/** Keys of rows: the columns of the primary key in its order. */
export const keyOf = (...columns: readonly (string | number)[]): string => columns.join('|');

export class ShopTables {
  private readonly journal = new Journal();
  private lastOutboxId = 0;

  readonly goods = this.table<rows.GoodsRow>('trade_goods', (row) => row.goods_id, checkGoods);
  readonly goodsLog = this.table<rows.GoodsLogRow>(
    'trade_goods_number_log',
    (row) => keyOf(row.order_id, row.goods_id, row.log_type),
    (row) => checkInt(row.goods_number),
  );
  readonly coupons = this.table<rows.CouponRow>('trade_coupon', (row) => row.coupon_id, checkCoupon);
  readonly couponLog = this.table<rows.CouponLogRow>(
    'trade_coupon_log',
    (row) => keyOf(row.coupon_id, row.order_id, row.log_type),
    (row) => checkAmount(row.coupon_price),
  );
  readonly users = this.table<rows.UserRow>('trade_user', (row) => row.user_id, checkUser);
  readonly moneyLog = this.table<rows.MoneyLogRow>(
    'trade_user_money_log',
    (row) => keyOf(row.user_id, row.order_id, row.money_log_type),
    (row) => checkAmount(row.use_money),
  );
  readonly scoreLog = this.table<rows.ScoreLogRow>(
    'trade_user_score_log',
    (row) => keyOf(row.user_id, row.pay_id, row.log_type),
    (row) => checkInt(row.score),
  );
  readonly orders = this.table<rows.OrderRow>('trade_order', (row) => row.order_id, checkOrder);
  /** The unique key of trade_order (user_id, request_key). */
  readonly requestKeys = this.table<rows.RequestKeyRow>('trade_order_user_id_request_key_key', (row) =>
    keyOf(row.user_id, row.request_key),
  );
  readonly lines = this.table<rows.LineRow>(
    'trade_order_goods',
    (row) => keyOf(row.order_id, row.goods_id),
    checkLine,
  );
  readonly payments = this.table<rows.PayRow>(
    'trade_pay',
    (row) => row.pay_id,
    (row) => checkAmount(row.pay_amount),
  );
  readonly transactions = this.table<rows.TransactionRow>(
    'trade_pay_transaction',
    (row) => keyOf(row.provider, row.transaction_id),
    (row) => checkAmount(row.amount),
  );
  readonly payLog = this.table<rows.PayLogRow>(
    'trade_pay_log',
    (row) => row.pay_id,
    (row) => checkAmount(row.pay_amount),
  );
  readonly outbox = this.table<rows.ProducerRow>('trade_mq_producer_temp', (row) => String(row.id));
  readonly inbox = this.table<rows.ConsumerRow>('trade_mq_consumer_log', (row) =>
    keyOf(row.group_name, row.msg_tag, row.msg_key),
  );

  /** Opens the shop: whatever there is has its opening row in the ledger, as `trade seed` writes it (R14). */
  constructor(opening: Opening = {}, at: Instant = '2026-01-01T00:00:00.000Z') {
    for (const { goodsId, price, stock } of opening.goods ?? []) {
      const named = { goods_name: `goods ${goodsId}`, goods_desc: '', add_time: at };
      const goods = { goods_id: goodsId, goods_number: stock };
      this.goods.insert({ ...goods, goods_price: price, ...named });
      this.goodsLog.insert({ ...goods, order_id: OPENING, log_type: LogType.opening, log_time: at });
    }
    for (const { userId, money, score = 0 } of opening.users ?? []) {
      const user = { user_id: userId, user_name: `user ${userId}`, user_mobile: '', user_reg_time: at };
      this.users.insert({ ...user, user_money: money, user_score: score });
      const log = { user_id: userId, create_time: at };
      this.moneyLog.insert({ ...log, order_id: OPENING, money_log_type: LogType.opening, use_money: money });
      this.scoreLog.insert({ ...log, pay_id: OPENING, log_type: LogType.opening, score });
    }
    for (const { couponId, userId, price } of opening.coupons ?? []) {
      const unused = { order_id: null, is_used: 0, used_time: null } as const;
      this.coupons.insert({ coupon_id: couponId, user_id: userId, coupon_price: price, ...unused });
    }
  }

  /** Runs a statement: all of it takes effect, or none. @throws SqlError if a key or a CHECK forbids it */
  run<Result>(statement: () => Result): Result {
    return this.journal.run(statement);
  }

  /** The next id of an outbox row; a number that a refused statement took is not given again. */
  nextOutboxId(): number {
    this.lastOutboxId += 1;
    return this.lastOutboxId;
  }

  private table<Row>(
    name: string,
    keyOfRow: (row: Row) => string,
    check: (row: Row) => void = () => undefined,
  ): Table<Row> {
    return new Table(this.journal, { name, keyOf: keyOfRow, check });
  }
}
