// Money that arrives is never dropped: each transaction is booked once, or it is refunded (R13).
import { accept, reject, unchanged, type Decider, type Decision } from './decision';
import { ok, type Instant } from './envelope';
import { transactionKey, type OrderId, type PayId } from './ids';
import { compare, ZERO, type Money } from './money';

export type TransactionState = 'booked' | 'refund due' | 'requested' | 'refunded' | 'failed' | 'mismatch';

/** One movement of money at a platform. */
export interface Transaction {
  readonly transactionId: string;
  readonly amount: Money;
  readonly state: TransactionState;
  /** Why it is not booked; empty while it is. */
  readonly reason: string;
  readonly createTime: Instant;
  readonly refundTime: Instant | undefined;
}

export interface Payment {
  readonly payId: PayId;
  readonly orderId: OrderId;
  readonly amount: Money;
  readonly isPaid: boolean;
  readonly version: number;
  readonly provider: string;
  readonly createTime: Instant;
  readonly payTime: Instant | undefined;
  /** From then on whatever arrives is refunded. */
  readonly closedTime: Instant | undefined;
  readonly transactions: readonly Transaction[];
}

export type PaymentCommand =
  | ({ readonly type: 'CreatePayment'; readonly at: Instant } & Pick<
      Payment,
      'payId' | 'orderId' | 'amount' | 'provider'
    >)
  /** A platform says that money arrived; its signature has been verified. */
  | {
      readonly type: 'RecordNotice';
      readonly provider: string;
      readonly transactionId: string;
      readonly amount: Money;
      readonly orderId?: OrderId;
      readonly at: Instant;
    }
  /** The order does not want this payment: it is cancelled, or paid by another. */
  | { readonly type: 'RejectPayment'; readonly reason: string; readonly at: Instant }
  /** The order was paid by this payment and is refunded. */
  | { readonly type: 'RefundPayment'; readonly reason: string }
  | { readonly type: 'ClosePayment'; readonly at: Instant }
  | { readonly type: 'StartRefund'; readonly transactionId: string }
  | { readonly type: 'FinishRefund'; readonly transactionId: string; readonly at: Instant }
  | { readonly type: 'FailRefund'; readonly transactionId: string }
  | { readonly type: 'FindPayment' };

export type PaymentFact =
  | { readonly type: 'PaymentCreated'; readonly payment: Payment }
  | { readonly type: 'TransactionRecorded'; readonly transaction: Transaction }
  | { readonly type: 'PaymentPaid'; readonly at: Instant }
  /** What was booked is not: the money goes back. */
  | { readonly type: 'PaymentUnbooked' }
  | { readonly type: 'PaymentClosed'; readonly at: Instant }
  | {
      readonly type: 'TransactionChanged';
      readonly transactionId: string;
      readonly state: TransactionState;
      readonly reason?: string;
      readonly refundTime?: Instant;
    };

/** The payment that a transaction was recorded for. */
export interface RecordedTransaction {
  readonly payId: PayId;
}

type PaymentDecision = Decision<PaymentFact, PaymentCommand>;

function decide(
  command: PaymentCommand,
  payment: Payment | undefined,
  recorded: RecordedTransaction | undefined,
): PaymentDecision {
  if (command.type === 'CreatePayment') return create(command, payment);
  if (!payment) return reject('SHOP_PAYMENT_NOT_FOUND');
  switch (command.type) {
    case 'RecordNotice':
      return recordNotice(command, payment, recorded);
    case 'RejectPayment':
      return rejectPayment(command, payment);
    case 'RefundPayment': {
      const refunds = sendBackBooked(payment, command.reason);
      return refunds.length === 0 ? unchanged(ok(payment)) : accept(refunds, ok(payment));
    }
    case 'ClosePayment': {
      if (payment.isPaid || payment.closedTime !== undefined) return unchanged(ok(payment));
      const closed = { type: 'PaymentClosed', at: command.at } as const;
      return accept([closed], ok(evolve(payment, closed)));
    }
    case 'StartRefund':
    case 'FinishRefund':
    case 'FailRefund':
      return moveRefund(command, payment);
    case 'FindPayment':
      return unchanged(ok(payment));
  }
}

function create(
  command: Extract<PaymentCommand, { type: 'CreatePayment' }>,
  payment: Payment | undefined,
): PaymentDecision {
  if (payment) {
    const same = payment.orderId === command.orderId && payment.amount === command.amount;
    return same ? unchanged(ok(payment)) : reject('SHOP_PAYMENT_PAY_ERROR');
  }
  const { type: _type, at, ...request } = command;
  const created: Payment = {
    ...request,
    isPaid: false,
    version: 1,
    createTime: at,
    payTime: undefined,
    closedTime: undefined,
    transactions: [],
  };
  return accept([{ type: 'PaymentCreated', payment: created }], ok(created));
}

/** Every verified notice is saved, also when its amount is wrong or its order is gone; none is saved twice. */
function recordNotice(
  command: Extract<PaymentCommand, { type: 'RecordNotice' }>,
  payment: Payment,
  recorded: RecordedTransaction | undefined,
): PaymentDecision {
  if (command.provider !== payment.provider) return reject('SHOP_PAYMENT_NOT_FOUND');
  const known = payment.transactions.find((one) => one.transactionId === command.transactionId);
  if (known) {
    return known.amount === command.amount
      ? unchanged(ok(payment))
      : reject('SHOP_PAYMENT_TRANSACTION_CONFLICT');
  }
  if (recorded) return reject('SHOP_PAYMENT_TRANSACTION_CONFLICT');
  if (compare(command.amount, ZERO) <= 0) return reject('SHOP_PAYMENT_AMOUNT_INVALID');
  const transaction = (state: TransactionState, reason: string): PaymentFact => ({
    type: 'TransactionRecorded',
    transaction: {
      transactionId: command.transactionId,
      amount: command.amount,
      state,
      reason,
      createTime: command.at,
      refundTime: undefined,
    },
  });
  if (command.orderId !== undefined && command.orderId !== payment.orderId) {
    return accept([transaction('mismatch', 'the order is another')], ok(payment));
  }
  if (command.amount !== payment.amount)
    return accept([transaction('mismatch', 'the amount is another')], ok(payment));
  if (payment.isPaid) return accept([transaction('refund due', 'the payment is paid')], ok(payment));
  if (payment.closedTime !== undefined)
    return accept([transaction('refund due', 'the payment is closed')], ok(payment));
  return accept([transaction('booked', ''), { type: 'PaymentPaid', at: command.at }], ok(payment));
}

function rejectPayment(
  command: Extract<PaymentCommand, { type: 'RejectPayment' }>,
  payment: Payment,
): PaymentDecision {
  if (!payment.isPaid && payment.closedTime !== undefined) return unchanged(ok(payment));
  const facts: PaymentFact[] = [...sendBackBooked(payment, command.reason)];
  if (payment.isPaid) facts.push({ type: 'PaymentUnbooked' });
  if (payment.closedTime === undefined) facts.push({ type: 'PaymentClosed', at: command.at });
  return accept(facts, ok(payment));
}

const sendBackBooked = (payment: Payment, reason: string): readonly PaymentFact[] =>
  payment.transactions
    .filter((one) => one.state === 'booked')
    .map(({ transactionId }) => ({ type: 'TransactionChanged', transactionId, state: 'refund due', reason }));

/** A refund goes from due (or mismatch, or failed) to requested, then to refunded or failed. */
function moveRefund(
  command: Extract<PaymentCommand, { type: 'StartRefund' | 'FinishRefund' | 'FailRefund' }>,
  payment: Payment,
): PaymentDecision {
  const transaction = payment.transactions.find((one) => one.transactionId === command.transactionId);
  if (!transaction) return reject('SHOP_PAYMENT_NOT_FOUND');
  if (transaction.state === 'booked') return reject('SHOP_PAYMENT_PAY_ERROR');
  if (transaction.state === 'refunded') return unchanged(ok(transaction));
  const { transactionId } = transaction;
  switch (command.type) {
    case 'StartRefund':
      return transaction.state === 'requested'
        ? unchanged(ok(transaction))
        : accept([{ type: 'TransactionChanged', transactionId, state: 'requested' }], ok(transaction));
    case 'FinishRefund':
      return accept(
        [{ type: 'TransactionChanged', transactionId, state: 'refunded', refundTime: command.at }],
        ok({ ...transaction, state: 'refunded' }),
      );
    case 'FailRefund':
      return transaction.state === 'failed'
        ? unchanged(ok(transaction))
        : accept([{ type: 'TransactionChanged', transactionId, state: 'failed' }], ok(transaction));
  }
}

function evolve(payment: Payment | undefined, fact: PaymentFact): Payment | undefined {
  if (fact.type === 'PaymentCreated') return fact.payment;
  if (!payment) return undefined;
  return { ...payment, ...changeOf(payment, fact), version: payment.version + 1 };
}

function changeOf(
  payment: Payment,
  fact: Exclude<PaymentFact, { type: 'PaymentCreated' }>,
): Partial<Payment> {
  switch (fact.type) {
    case 'TransactionRecorded':
      return { transactions: [...payment.transactions, fact.transaction] };
    case 'PaymentPaid':
      return { isPaid: true, payTime: fact.at };
    case 'PaymentUnbooked':
      return { isPaid: false, payTime: undefined };
    case 'PaymentClosed':
      return { closedTime: fact.at };
    case 'TransactionChanged': {
      const { type: _type, transactionId, ...change } = fact;
      return {
        transactions: payment.transactions.map((one) =>
          one.transactionId === transactionId ? { ...one, ...change } : one,
        ),
      };
    }
  }
}

/** `<provider>:<transactionId>`: from the second attempt on, whose transaction it is is looked up (R8). */
const recordKey = (command: PaymentCommand, attempt: number): string | undefined =>
  command.type === 'RecordNotice' && attempt > 1
    ? transactionKey(command.provider, command.transactionId)
    : undefined;

export const paymentDecider: Decider<Payment, PaymentCommand, PaymentFact, RecordedTransaction> = {
  decide,
  evolve,
  recordKey,
  settled: () => undefined,
};
