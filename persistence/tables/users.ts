// Wallets and points, and their ledgers.
import { bigint, int, money, now, primary, small, table, text, time } from './table';

export const tradeUser = table(
  'trade_user',
  {
    userId: bigint('user_id', primary),
    userName: text('user_name'),
    userPassword: text('user_password', { default: '' }),
    userMobile: text('user_mobile', { default: '' }),
    userScore: int('user_score', { default: 0 }),
    userRegTime: time('user_reg_time', now),
    userMoney: money('user_money', { default: 0 }),
  },
  { checks: { user_money_check: 'user_money >= 0' } },
);

export const tradeUserMoneyLog = table(
  'trade_user_money_log',
  {
    userId: bigint('user_id', primary),
    orderId: bigint('order_id', primary),
    moneyLogType: small('money_log_type', primary),
    useMoney: money('use_money'),
    createTime: time('create_time', now),
  },
  { checks: { money_log_type_check: 'money_log_type in (1, 2, 3)' } },
);

export const tradeUserScoreLog = table(
  'trade_user_score_log',
  {
    userId: bigint('user_id', primary),
    payId: bigint('pay_id', primary),
    logType: small('log_type', primary),
    score: int('score'),
    createTime: time('create_time', now),
  },
  { checks: { log_type_check: 'log_type in (1, 2, 3)' } },
);
