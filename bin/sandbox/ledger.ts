// What the platform knows: payments, the money that arrived for them, what went back, and which callbacks
// were acknowledged. Every change is in the journal before it is believed, so all of it survives kill -9.
import { randomUUID } from 'node:crypto';
import type { CallbackPlan } from './behaviour';
import { Journal } from './journal';

/** Money that arrived for a payment. */
export interface Transaction {
  readonly transactionId: string;
  readonly payId: string;
  readonly amount: string;
  readonly callback: CallbackPlan;
  acknowledged: boolean;
  refunded: string | undefined;
}

export interface Payment {
  readonly payId: string;
  readonly orderId: string;
  readonly amount: string;
  readonly notifyUrl: string | undefined;
  readonly transactions: Transaction[];
  closed: boolean;
}

type NewPayment = Pick<Payment, 'payId' | 'orderId' | 'amount' | 'notifyUrl'>;
type NewTransaction = Pick<Transaction, 'transactionId' | 'payId' | 'amount' | 'callback'>;

type Entry =
  | ({ readonly type: 'made' } & NewPayment)
  | ({ readonly type: 'paid' } & NewTransaction)
  | { readonly type: 'closed'; readonly payId: string }
  | { readonly type: 'refunded'; readonly transactionId: string; readonly amount: string }
  | { readonly type: 'acknowledged'; readonly transactionId: string };

/** All of it is in memory, about 1 KB each: enough for any demo. */
const MOST_ENTRIES = 500_000;

export class Ledger {
  readonly #most: number;
  readonly #payments = new Map<string, Payment>();
  readonly #transactions = new Map<string, Transaction>();
  readonly #journal: Journal;

  /**
   * @param path of the journal; it is made if it is not there
   * @param most payments and transactions that are new; those of the journal are read whatever their number
   */
  constructor(path: string, most = MOST_ENTRIES) {
    this.#most = most;
    this.#journal = new Journal(path, (entry) => this.#apply(entry as Entry));
  }

  /** Whether nothing new may be made any more. */
  get isFull(): boolean {
    return this.#payments.size + this.#transactions.size >= this.#most;
  }

  get payments(): Iterable<Payment> {
    return this.#payments.values();
  }

  payment(payId: string): Payment | undefined {
    return this.#payments.get(payId);
  }

  transaction(transactionId: string): Transaction | undefined {
    return this.#transactions.get(transactionId);
  }

  /** Makes a payment, once per payId. @returns 'conflict' if that payId stands with another order or amount */
  make(wanted: NewPayment): Payment | 'conflict' {
    const standing = this.#payments.get(wanted.payId);
    if (standing === undefined) {
      this.#record({ type: 'made', ...wanted });
      return this.#known(wanted.payId);
    }
    return standing.amount === wanted.amount && standing.orderId === wanted.orderId ? standing : 'conflict';
  }

  /** Takes money for a payment, whatever was paid before. */
  pay(payId: string, amount: string, callback: CallbackPlan): Transaction {
    const transaction = { transactionId: randomUUID(), payId, amount, callback };
    this.#record({ type: 'paid', ...transaction });
    return this.#arrived(transaction.transactionId);
  }

  /** Closes a payment for good, unless it is paid. */
  close(payId: string): Payment {
    const payment = this.#known(payId);
    if (!payment.closed && payment.transactions.length === 0) this.#record({ type: 'closed', payId });
    return payment;
  }

  /** Sends a transaction's money back, once. */
  refund(transactionId: string, amount: string): void {
    if (this.#arrived(transactionId).refunded === undefined) {
      this.#record({ type: 'refunded', transactionId, amount });
    }
  }

  /** Notes that the merchant has answered a callback with the literal. */
  acknowledge(transactionId: string): void {
    if (!this.#arrived(transactionId).acknowledged) this.#record({ type: 'acknowledged', transactionId });
  }

  /** The transactions that the merchant was not told of yet. */
  unacknowledged(): readonly Transaction[] {
    return [...this.#transactions.values()].filter((transaction) => !transaction.acknowledged);
  }

  /** Lets go of the file; the ledger takes nothing more. */
  end(): void {
    this.#journal.close();
  }

  #record(entry: Entry): void {
    this.#journal.append(entry);
    this.#apply(entry);
  }

  #apply(entry: Entry): void {
    switch (entry.type) {
      case 'made': {
        const { payId, orderId, amount, notifyUrl } = entry;
        this.#payments.set(payId, { payId, orderId, amount, notifyUrl, transactions: [], closed: false });
        return;
      }
      case 'paid': {
        const { transactionId, payId, amount, callback } = entry;
        const paid = { transactionId, payId, amount, callback, acknowledged: false, refunded: undefined };
        this.#known(payId).transactions.push(paid);
        this.#transactions.set(transactionId, paid);
        return;
      }
      case 'closed':
        this.#known(entry.payId).closed = true;
        return;
      case 'refunded':
        this.#arrived(entry.transactionId).refunded = entry.amount;
        return;
      case 'acknowledged':
        this.#arrived(entry.transactionId).acknowledged = true;
        return;
      default:
        throw new Error(`an entry of no known type: ${JSON.stringify(entry satisfies never)}`);
    }
  }

  #known(payId: string): Payment {
    const payment = this.#payments.get(payId);
    if (payment === undefined) throw new Error(`no payment ${payId}`);
    return payment;
  }

  #arrived(transactionId: string): Transaction {
    const transaction = this.#transactions.get(transactionId);
    if (transaction === undefined) throw new Error(`no transaction ${transactionId}`);
    return transaction;
  }
}
