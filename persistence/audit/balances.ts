// The rules that one kind's own tables can tell: balances are the sums of their ledgers, money adds up.
import type { Kind } from '../../actors/domain/envelope';

export interface SqlRule {
  readonly kind: Kind;
  readonly rule: string;
  /** Selects what breaks the rule, as `id`; `adopt` is a column of `settings`. */
  readonly broken: string;
}

/**
 * Compares a balance with the sum of its ledger. With `adopt` a row that was never opened had whatever is
 * missing as its opening balance, which cannot have been negative.
 */
const balance = (
  entity: string,
  id: string,
  column: string,
  ledger: string,
  type: string,
  amount: string,
): string => `
  select e.${id} as id from ${entity} e cross join settings
  left join (
    select ${id}, sum(${amount}) as total, bool_or(${type} = 3) as opened from ${ledger} group by ${id}
  ) l using (${id})
  where case when adopt and not coalesce(l.opened, false) then e.${column} < coalesce(l.total, 0)
    else e.${column} <> coalesce(l.total, 0) end`;

/** Rows of type 2 that differ from the row of type 1 which they take back. */
const givenBack = (
  ledger: string,
  keys: readonly [string, string],
  type: string,
  differs: string,
): string => `
  select b.${keys[0]} || ':' || b.${keys[1]} as id from ${ledger} b
  left join ${ledger} t on t.${keys[0]} = b.${keys[0]} and t.${keys[1]} = b.${keys[1]} and t.${type} = 1
  where b.${type} = 2 and (${differs})`;

const withoutOwner = (ledger: string, entity: string, id: string, amount: string): string =>
  `select ${id} as id from ${ledger} l where ${amount} <> 0
   and not exists (select from ${entity} e where e.${id} = l.${id})`;

const MONEY_CHANGE = 'case when money_log_type = 1 then -use_money else use_money end';

/** Standing uses of a coupon: what was used and not given back. */
const STANDING = `(
  select coupon_id, order_id from trade_coupon_log u where log_type = 1 and not exists (
    select from trade_coupon_log b where b.coupon_id = u.coupon_id and b.order_id = u.order_id and b.log_type = 2))`;

export const SQL_RULES = [
  {
    kind: 'goods',
    rule: 'stock is the sum of its ledger',
    broken: balance(
      'trade_goods',
      'goods_id',
      'goods_number',
      'trade_goods_number_log',
      'log_type',
      'goods_number',
    ),
  },
  {
    kind: 'goods',
    rule: 'stock is not negative',
    broken: 'select goods_id as id from trade_goods where goods_number < 0',
  },
  {
    kind: 'goods',
    rule: 'stock ledger rows belong to goods',
    broken: withoutOwner('trade_goods_number_log', 'trade_goods', 'goods_id', 'goods_number'),
  },
  {
    kind: 'goods',
    rule: 'stock given back is what was taken',
    broken: givenBack(
      'trade_goods_number_log',
      ['order_id', 'goods_id'],
      'log_type',
      't.goods_number is null or b.goods_number <> -t.goods_number or t.goods_number > 0',
    ),
  },
  {
    kind: 'wallet',
    rule: 'wallet money is the sum of its ledger',
    broken: balance(
      'trade_user',
      'user_id',
      'user_money',
      'trade_user_money_log',
      'money_log_type',
      MONEY_CHANGE,
    ),
  },
  {
    kind: 'wallet',
    rule: 'wallet money is not negative',
    broken: 'select user_id as id from trade_user where user_money < 0',
  },
  {
    kind: 'wallet',
    rule: 'money ledger rows belong to users',
    broken: withoutOwner('trade_user_money_log', 'trade_user', 'user_id', 'use_money'),
  },
  {
    kind: 'wallet',
    rule: 'wallet money given back is what was taken',
    broken: givenBack(
      'trade_user_money_log',
      ['user_id', 'order_id'],
      'money_log_type',
      't.use_money is null or b.use_money <> t.use_money or t.use_money < 0',
    ),
  },
  {
    kind: 'wallet',
    rule: 'score is the sum of its ledger',
    broken: balance('trade_user', 'user_id', 'user_score', 'trade_user_score_log', 'log_type', 'score'),
  },
  {
    kind: 'wallet',
    rule: 'points ledger rows belong to users',
    broken: withoutOwner('trade_user_score_log', 'trade_user', 'user_id', 'score'),
  },
  {
    kind: 'wallet',
    rule: 'points taken back are what was given',
    broken: givenBack(
      'trade_user_score_log',
      ['user_id', 'pay_id'],
      'log_type',
      't.score is null or b.score <> -t.score or t.score < 0',
    ),
  },
  {
    kind: 'coupon',
    rule: 'coupons are used as their ledger says',
    broken: `
      select c.coupon_id as id from trade_coupon c cross join settings
      left join (select coupon_id, array_agg(order_id) as orders from ${STANDING} s group by coupon_id) l using (coupon_id)
      where l.orders is distinct from case when is_used = 1 then array[c.order_id] end
        and not (adopt and not exists (select from trade_coupon_log o where o.coupon_id = c.coupon_id))
      union all
      select coupon_id from ${STANDING} s
      where not exists (select from trade_coupon c where c.coupon_id = s.coupon_id)`,
  },
  {
    kind: 'coupon',
    rule: 'a coupon given back has a ledger row that it was used',
    broken: givenBack('trade_coupon_log', ['coupon_id', 'order_id'], 'log_type', 't.coupon_id is null'),
  },
  {
    kind: 'order',
    rule: 'no order is half-way',
    broken: 'select order_id as id from trade_order where order_status = 0',
  },
  {
    kind: 'order',
    rule: 'no compensation is half-way',
    broken: `select order_id as id from trade_order cross join settings
      where order_status in (2, 3, 4) and compensation_status <> 2 and not (adopt and compensation_status = 0)`,
  },
  {
    kind: 'order',
    rule: 'order amounts are goods plus shipping',
    broken: `
      select order_id as id from trade_order o
      left join (
        select order_id, sum(goods_price * goods_number) as total from trade_order_goods group by order_id
      ) l using (order_id)
      where order_amount <> goods_amount + shipping_fee
        or goods_amount <> coalesce(l.total, goods_price * goods_number)
        or shipping_fee <> case when goods_amount > 100 then 0 else 10 end`,
  },
  {
    kind: 'order',
    rule: 'pay amounts are what is left to pay',
    broken: `select order_id as id from trade_order where pay_amount < 0
      or order_status in (1, 4) and pay_amount <> order_amount - coupon_paid - money_paid`,
  },
  {
    kind: 'order',
    rule: 'only confirmed and refunded orders are paid',
    broken: `select order_id as id from trade_order where pay_status = 2 and order_status not in (1, 4)
      or order_status = 4 and pay_status <> 2 or pay_status = 1 and (pay_id is null or order_status <> 1)
      or order_status = 1 and pay_amount = 0 and pay_status <> 2`,
  },
  {
    kind: 'payment',
    rule: 'an order has one paid payment at most',
    broken: 'select order_id as id from trade_pay where is_paid = 2 group by order_id having count(*) > 1',
  },
  {
    kind: 'payment',
    rule: 'transactions belong to payments',
    broken: `select provider || ':' || transaction_id as id from trade_pay_transaction t
      where not exists (select from trade_pay p where p.pay_id = t.pay_id and p.provider = t.provider)`,
  },
  {
    kind: 'payment',
    rule: 'no refund is half-way',
    broken: `select provider || ':' || transaction_id as id from trade_pay_transaction
      where state in ('refund due', 'requested', 'mismatch')`,
  },
  {
    kind: 'payment',
    rule: 'no refund has failed',
    broken: `select provider || ':' || transaction_id as id from trade_pay_transaction where state = 'failed'`,
  },
] as const satisfies readonly SqlRule[];

export const OUTBOX_RULE = 'no outbox row is left';
export const RUNNING_RULE = 'no consumption is running';
export const PARKED_RULE = 'no consumption is parked';

/** What every database holds of its own. */
export const MESSAGE_RULES = [
  {
    rule: OUTBOX_RULE,
    broken: `select msg_topic || '.' || msg_tag || ':' || msg_key as id from trade_mq_producer_temp`,
  },
  {
    rule: RUNNING_RULE,
    broken: `select group_name || ':' || msg_key as id from trade_mq_consumer_log where consumer_status = 0`,
  },
  {
    rule: PARKED_RULE,
    broken: `select group_name || ':' || msg_key as id from trade_mq_consumer_log where consumer_status = 2`,
  },
] as const;

/** Counts what breaks a rule and shows some of it. */
export const countBroken = (broken: string): string => `
  with settings as (select $1::boolean as adopt), broken as (${broken})
  select id::text as id, (select count(*)::int from broken) as total
  from broken cross join settings order by 1 limit 10`;
