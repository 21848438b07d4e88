// The events of a payment's facts: pay_status with the transition to paid only, pay_refund once a transaction (R13).
import type { OutboxEvent } from './events';
import type { Payment, PaymentFact, Transaction } from './payment';

/** @param payment the payment after the fact */
export function eventsOfPayment(fact: PaymentFact, payment: Payment): readonly OutboxEvent[] {
  switch (fact.type) {
    case 'PaymentPaid':
      return [
        event('pay_status', payment.payId, {
          payId: payment.payId,
          orderId: payment.orderId,
          payAmount: payment.amount,
          isPaid: true,
        }),
      ];
    case 'TransactionRecorded':
      return fact.transaction.state === 'booked' ? [] : [refund(payment, fact.transaction)];
    case 'TransactionChanged': {
      const transaction = payment.transactions.find((one) => one.transactionId === fact.transactionId);
      return fact.state === 'refund due' && transaction ? [refund(payment, transaction)] : [];
    }
    case 'PaymentCreated':
    case 'PaymentUnbooked':
    case 'PaymentClosed':
      return [];
  }
}

const refund = (payment: Payment, transaction: Transaction): OutboxEvent =>
  event('pay_refund', transaction.transactionId, {
    payId: payment.payId,
    transactionId: transaction.transactionId,
    amount: transaction.amount,
    reason: transaction.reason,
  });

const event = (
  tag: 'pay_status' | 'pay_refund',
  key: string,
  body: Record<string, unknown>,
): OutboxEvent => ({
  producerGroup: 'pay_payTopic_group',
  topic: 'payTopic',
  tag,
  key,
  body,
});
