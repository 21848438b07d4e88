// The columns of payments in their flushes: what changes of a payment, and its transactions.
import type { Payment, PaymentFact, Transaction } from '../../actors/domain/payment';
import type { Column } from './batch-columns';

export interface Updated {
  readonly after: Payment;
  readonly expectedVersion: number;
  /** The transaction that must be new for this change to stand. */
  readonly newTransaction: string | undefined;
}

export const UPDATES: readonly Column<Updated>[] = [
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId },
  { name: 'expected_version', type: 'int', value: ({ expectedVersion }) => expectedVersion },
  { name: 'new_transaction', type: 'text', value: ({ newTransaction }) => newTransaction },
  { name: 'version', type: 'int', value: ({ after }) => after.version },
  { name: 'is_paid', type: 'smallint', value: ({ after }) => (after.isPaid ? 2 : 1) },
  { name: 'pay_time', type: 'timestamptz', value: ({ after }) => after.payTime },
  { name: 'closed_time', type: 'timestamptz', value: ({ after }) => after.closedTime },
];

export interface Movement {
  readonly payment: Payment;
  readonly transaction: Transaction;
  readonly isNew: boolean;
}

export const MOVEMENTS: readonly Column<Movement>[] = [
  { name: 'provider', type: 'text', value: ({ payment }) => payment.provider },
  { name: 'transaction_id', type: 'text', value: ({ transaction }) => transaction.transactionId },
  { name: 'pay_id', type: 'bigint', value: ({ payment }) => payment.payId },
  { name: 'amount', type: 'numeric', value: ({ transaction }) => transaction.amount },
  { name: 'state', type: 'text', value: ({ transaction }) => transaction.state },
  { name: 'reason', type: 'text', value: ({ transaction }) => transaction.reason },
  { name: 'create_time', type: 'timestamptz', value: ({ transaction }) => transaction.createTime },
  { name: 'refund_time', type: 'timestamptz', value: ({ transaction }) => transaction.refundTime },
  { name: 'is_new', type: 'boolean', value: ({ isNew }) => isNew },
];

/** What a transaction's row holds. */
export const STORED = MOVEMENTS.slice(0, -1);

/** The transaction that a fact records or moves, as it stands after the decision. */
export function movementOf(fact: PaymentFact, payment: Payment): readonly Movement[] {
  if (fact.type !== 'TransactionRecorded' && fact.type !== 'TransactionChanged') return [];
  const isNew = fact.type === 'TransactionRecorded';
  const transactionId = isNew ? fact.transaction.transactionId : fact.transactionId;
  const transaction = payment.transactions.find((one) => one.transactionId === transactionId);
  return transaction ? [{ payment, transaction, isNew }] : [];
}

/** The transaction that is recorded, if any: the change of its payment stands only with it. */
export const newTransactionOf = (movements: readonly Movement[]): string | undefined =>
  movements.find(({ isNew }) => isNew)?.transaction.transactionId;
