// The rows of the tables, with the columns' own names (migrations/0001-tables.ts). Ids are texts, amounts are money,
// times are ISO 8601.
import type { Instant } from '../../../actors/domain/envelope';
import type { Money } from '../../../actors/domain/money';
import type { Order } from '../../../actors/domain/order-state';
import type { TransactionState } from '../../../actors/domain/payment';

export interface GoodsRow {
  readonly goods_id: string;
  readonly goods_name: string;
  readonly goods_number: number;
  readonly goods_price: Money;
  readonly goods_desc: string;
  readonly add_time: Instant;
}

/** Types of ledger rows: what is taken, given back, and opened or added. In the ledger of points: given, taken back. */
export const LogType = { take: 1, giveBack: 2, opening: 3 } as const;

export interface GoodsLogRow {
  readonly goods_id: string;
  readonly order_id: string;
  readonly goods_number: number;
  readonly log_type: number;
  readonly log_time: Instant;
}

export interface CouponRow {
  readonly coupon_id: string;
  readonly coupon_price: Money;
  readonly user_id: string;
  readonly order_id: string | null;
  readonly is_used: 0 | 1;
  readonly used_time: Instant | null;
}

export interface CouponLogRow {
  readonly coupon_id: string;
  readonly order_id: string;
  readonly log_type: number;
  readonly coupon_price: Money;
  readonly log_time: Instant;
}

export interface UserRow {
  readonly user_id: string;
  readonly user_name: string;
  readonly user_mobile: string;
  readonly user_score: number;
  readonly user_reg_time: Instant;
  readonly user_money: Money;
}

export interface MoneyLogRow {
  readonly user_id: string;
  readonly order_id: string;
  readonly money_log_type: number;
  readonly use_money: Money;
  readonly create_time: Instant;
}

export interface ScoreLogRow {
  readonly user_id: string;
  readonly pay_id: string;
  readonly log_type: number;
  readonly score: number;
  readonly create_time: Instant;
}

/** What an order is placed with. */
export interface PlacedColumns {
  readonly order_id: string;
  readonly user_id: string;
  readonly address: string;
  readonly consignee: string;
  readonly goods_id: string;
  readonly goods_number: number;
  readonly goods_price: Money;
  readonly goods_amount: Money;
  readonly shipping_fee: Money;
  readonly order_amount: Money;
  readonly coupon_id: string | null;
  readonly money_paid: Money;
  readonly add_time: Instant;
  readonly request_key: string | null;
  readonly request_hash: string | null;
  readonly expire_time: Instant | null;
  readonly next_attempt_time: Instant | null;
  readonly shard: number;
}

/** What changes after an order was placed. */
export interface ChangingColumns {
  readonly order_status: Order['status'];
  readonly pay_status: Order['payStatus'];
  readonly shipping_status: Order['shippingStatus'];
  readonly coupon_paid: Money;
  readonly pay_amount: Money;
  readonly confirm_time: Instant | null;
  readonly pay_time: Instant | null;
  readonly version: number;
  readonly fail_code: number | null;
  readonly pay_id: string | null;
  readonly attempts: number;
  readonly next_attempt_time: Instant | null;
  readonly compensation_status: Order['compensation'];
}

export type OrderRow = PlacedColumns & ChangingColumns;

/** An entry of the unique key of trade_order. */
export type RequestKeyRow = Pick<OrderRow, 'user_id' | 'order_id'> & { readonly request_key: string };

export interface LineRow {
  readonly order_id: string;
  readonly goods_id: string;
  readonly goods_number: number;
  readonly goods_price: Money;
}

export interface PayRow {
  readonly pay_id: string;
  readonly order_id: string;
  readonly pay_amount: Money;
  readonly is_paid: 1 | 2;
  readonly version: number;
  readonly shard: number;
  readonly provider: string;
  readonly create_time: Instant;
  readonly pay_time: Instant | null;
  readonly closed_time: Instant | null;
}

export interface TransactionRow {
  readonly provider: string;
  readonly transaction_id: string;
  readonly pay_id: string;
  readonly amount: Money;
  readonly state: TransactionState;
  readonly reason: string;
  readonly create_time: Instant;
  readonly refund_time: Instant | null;
}

export interface PayLogRow {
  readonly pay_id: string;
  readonly order_id: string;
  readonly pay_amount: Money;
  readonly log_time: Instant;
}

/** A row of the outbox. */
export interface ProducerRow {
  readonly id: number;
  readonly group_name: string;
  readonly msg_topic: string;
  readonly msg_tag: string;
  readonly msg_key: string;
  readonly msg_body: string;
  readonly msg_status: 0 | 1;
  readonly create_time: Instant;
  readonly sent_time: Instant | null;
}

/** A row of the inbox. */
export interface ConsumerRow {
  readonly msg_id: string;
  readonly group_name: string;
  readonly msg_tag: string;
  readonly msg_key: string;
  readonly msg_body: string;
  readonly consumer_status: 0 | 1 | 2;
  readonly consumer_times: number;
  readonly consumer_timestamp: Instant;
  readonly remark: string;
}
