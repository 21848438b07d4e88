import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = `
create table deployment (
  only_one boolean primary key default true check (only_one),
  deployment_id text not null,
  shards int not null check (shards > 0),
  create_time timestamptz not null default now());

create table id_worker (
  worker_no int primary key check (worker_no between 0 and 1023),
  last_time timestamptz not null);

create table trade_goods (
  goods_id bigint primary key,
  goods_name text not null,
  goods_number int not null check (goods_number >= 0),
  goods_price numeric(10,2) not null check (goods_price >= 0),
  goods_desc text not null default '',
  add_time timestamptz not null default now()) with (fillfactor = 80);

create table trade_goods_number_log (
  goods_id bigint not null,
  order_id bigint not null,
  goods_number int not null,
  log_time timestamptz not null default now(),
  log_type smallint not null default 1 check (log_type in (1, 2, 3)),
  primary key (order_id, goods_id, log_type));

create table trade_coupon (
  coupon_id bigint primary key,
  coupon_price numeric(10,2) not null check (coupon_price >= 0),
  user_id bigint not null,
  order_id bigint,
  is_used smallint not null default 0 check (is_used in (0, 1)),
  used_time timestamptz,
  check ((is_used = 1) = (order_id is not null))) with (fillfactor = 80);
create index trade_coupon_user on trade_coupon (user_id, coupon_id);

create table trade_coupon_log (
  coupon_id bigint not null,
  order_id bigint not null,
  log_type smallint not null check (log_type in (1, 2)),
  coupon_price numeric(10,2) not null,
  log_time timestamptz not null default now(),
  primary key (coupon_id, order_id, log_type));

create table trade_user (
  user_id bigint primary key,
  user_name text not null,
  user_password text not null default '',
  user_mobile text not null default '',
  user_score int not null default 0,
  user_reg_time timestamptz not null default now(),
  user_money numeric(10,2) not null default 0 check (user_money >= 0)) with (fillfactor = 80);

create table trade_user_money_log (
  user_id bigint not null,
  order_id bigint not null,
  money_log_type smallint not null check (money_log_type in (1, 2, 3)),
  use_money numeric(10,2) not null,
  create_time timestamptz not null default now(),
  primary key (user_id, order_id, money_log_type));

create table trade_user_score_log (
  user_id bigint not null,
  pay_id bigint not null,
  log_type smallint not null check (log_type in (1, 2, 3)),
  score int not null,
  create_time timestamptz not null default now(),
  primary key (user_id, pay_id, log_type));

create table trade_order (
  order_id bigint primary key,
  user_id bigint not null,
  order_status smallint not null default 0 check (order_status between 0 and 4),
  pay_status smallint not null default 0 check (pay_status between 0 and 2),
  shipping_status smallint not null default 0 check (shipping_status between 0 and 2),
  address text not null default '',
  consignee text not null default '',
  goods_id bigint not null,
  goods_number int not null check (goods_number > 0),
  goods_price numeric(10,2) not null,
  goods_amount numeric(10,2) not null,
  shipping_fee numeric(10,2) not null,
  order_amount numeric(10,2) not null,
  coupon_id bigint,
  coupon_paid numeric(10,2) not null default 0,
  money_paid numeric(10,2) not null default 0 check (money_paid >= 0),
  pay_amount numeric(10,2) not null default 0 check (pay_amount >= 0),
  add_time timestamptz not null default now(),
  confirm_time timestamptz,
  pay_time timestamptz,
  version int not null default 1,
  shard int not null default 0,
  fail_code int,
  request_key text,
  request_hash text,
  pay_id bigint,
  expire_time timestamptz,
  attempts int not null default 1,
  next_attempt_time timestamptz,
  compensation_status smallint not null default 0 check (compensation_status between 0 and 3),
  unique (user_id, request_key)) with (fillfactor = 80);
create index trade_order_unfinished on trade_order (next_attempt_time) where order_status = 0;
create index trade_order_unpaid on trade_order (expire_time) where order_status = 1 and pay_status < 2;
create index trade_order_compensation on trade_order (order_id) where compensation_status in (1, 3);

create table trade_order_goods (
  order_id bigint not null,
  goods_id bigint not null,
  goods_number int not null check (goods_number > 0),
  goods_price numeric(10,2) not null,
  primary key (order_id, goods_id));

create table trade_pay (
  pay_id bigint primary key,
  order_id bigint not null,
  pay_amount numeric(10,2) not null,
  is_paid smallint not null default 1 check (is_paid in (1, 2)),
  version int not null default 1,
  shard int not null default 0,
  provider text not null default 'sandbox',
  create_time timestamptz not null default now(),
  pay_time timestamptz,
  closed_time timestamptz) with (fillfactor = 80);
create index trade_pay_order on trade_pay (order_id);

create table trade_pay_transaction (
  provider text not null,
  transaction_id text not null,
  pay_id bigint not null,
  amount numeric(10,2) not null,
  state text not null check (state in ('booked', 'refund due', 'requested', 'refunded', 'failed', 'mismatch')),
  reason text not null default '',
  create_time timestamptz not null default now(),
  refund_time timestamptz,
  primary key (provider, transaction_id));
create index trade_pay_transaction_pay on trade_pay_transaction (pay_id);
create index trade_pay_transaction_open on trade_pay_transaction (state) where state not in ('booked', 'refunded');

create table trade_pay_log (
  pay_id bigint primary key,
  order_id bigint not null,
  pay_amount numeric(10,2) not null,
  log_time timestamptz not null default now());

create table trade_mq_producer_temp (
  id bigint generated always as identity primary key,
  group_name text not null,
  msg_topic text not null,
  msg_tag text not null,
  msg_key text not null,
  msg_body text not null,
  msg_status smallint not null default 0 check (msg_status in (0, 1)),
  create_time timestamptz not null default now(),
  sent_time timestamptz);
create index trade_mq_producer_temp_unsent on trade_mq_producer_temp (create_time) where msg_status = 0;

create table trade_mq_consumer_log (
  msg_id text not null,
  group_name text not null,
  msg_tag text not null,
  msg_key text not null,
  msg_body text not null default '',
  consumer_status smallint not null default 0 check (consumer_status between 0 and 2),
  consumer_times int not null default 0,
  consumer_timestamp timestamptz not null default now(),
  remark text not null default '',
  primary key (group_name, msg_tag, msg_key));
create index trade_mq_consumer_log_failed on trade_mq_consumer_log (consumer_timestamp) where consumer_status = 2;
`;

/** All tables of the domain, in every database: a kind uses only its own (ADR 5). */
export class Tables1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations only go forward'));
  }
}
