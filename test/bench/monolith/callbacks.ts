// A callback in one transaction: payment, order, points and log together, where a node books the payment and lets the
// rest follow by events. What it cannot book it refuses, and leaves the money to somebody else.
import { pointsOf, type Money } from '../../../actors/domain/money';
import type { GatewayNotice } from '../../../actors/domain/ports/payment-gateway';
import type { Statement } from '../../../persistence/session';
import { demand } from './refusal';
import type { Transactions } from './transaction';

const PAYMENT: Statement = {
  name: 'payment',
  text: `select p.order_id, p.pay_amount, is_paid, order_status, user_id
    from trade_pay p join trade_order o using (order_id) where p.pay_id = $1 for update`,
};
const TRANSACTION: Statement = {
  name: 'transaction',
  text: `insert into trade_pay_transaction (provider, transaction_id, pay_id, amount, state)
    values ('sandbox', $1, $2, $3, 'booked')`,
};
const PAID: Statement = {
  name: 'paid',
  text: `update trade_pay set is_paid = 2, pay_time = now() where pay_id = $1`,
};
const ORDER_PAID: Statement = {
  name: 'order-paid',
  text: `update trade_order set pay_status = 2, pay_id = $2, pay_time = now() where order_id = $1`,
};
const PAY_LOG: Statement = {
  name: 'pay-log',
  text: `insert into trade_pay_log (pay_id, order_id, pay_amount) values ($1, $2, $3)`,
};
const SCORE_LOG: Statement = {
  name: 'score-log',
  text: `insert into trade_user_score_log (user_id, pay_id, log_type, score) values ($1, $2, 1, $3)`,
};
const SCORE: Statement = {
  name: 'score',
  text: `update trade_user set user_score = user_score + $2::int where user_id = $1`,
};

interface Payment {
  readonly order_id: string;
  readonly pay_amount: Money;
  readonly is_paid: 1 | 2;
  readonly order_status: number;
  readonly user_id: string;
}

/**
 * Books what the platform says was paid; a payment that is paid already stays as it is.
 * @throws Refusal if it is not what is due
 */
export async function takeNotice(transactions: Transactions, notice: GatewayNotice): Promise<void> {
  const { payId, transactionId, amount } = notice;
  await transactions.do(async (run) => {
    const [payment] = await run<Payment>(PAYMENT, [payId]);
    demand(payment !== undefined, 'SHOP_PAYMENT_NOT_FOUND');
    if (payment.is_paid === 2) return;
    const { order_id: orderId, user_id: userId, pay_amount: due } = payment;
    demand(due === amount && payment.order_status === 1, 'SHOP_PAYMENT_PAY_ERROR');
    const points = pointsOf(amount);
    await Promise.all([
      run(TRANSACTION, [transactionId, payId, amount]),
      run(PAID, [payId]),
      run(ORDER_PAID, [orderId, payId]),
      run(PAY_LOG, [payId, orderId, amount]),
      run(SCORE_LOG, [userId, payId, points]),
      run(SCORE, [userId, points]),
    ]);
  });
}
