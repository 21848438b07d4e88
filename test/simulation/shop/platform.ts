// The third-party payment platform: outside of every process of ours, it remembers what was paid and what went back,
// and calls back until somebody says `success`: twice, late, out of order, or with another amount than was asked for.
import { RetryableError, TerminalError } from '../../../actors/domain/errors';
import type { OrderId, PayId } from '../../../actors/domain/ids';
import type { Money } from '../../../actors/domain/money';
import type {
  GatewayNotice,
  GatewayPaymentState,
  PaymentGateway,
} from '../../../actors/domain/ports/payment-gateway';
import type { Chance } from '../../../bin/load/seeded';
import type { SimulatedProcess } from '../simulated-process';
import type { SimulatedTime } from '../simulated-time';
import type { SimulatedNetwork } from './network';

export interface PlatformTransaction {
  readonly transactionId: string;
  readonly payId: PayId;
  readonly amount: Money;
  /** Whether a callback was answered with the literal. */
  acknowledged: boolean;
  /** The amounts that were sent back: one at most. */
  readonly refunds: Money[];
}

interface PlatformPayment {
  readonly payId: PayId;
  readonly orderId: OrderId;
  readonly amount: Money;
  isClosed: boolean;
  readonly transactions: PlatformTransaction[];
}

/** Brings a callback to the shop. @returns whether it was answered with the literal */
export type CallBack = (body: string, signature: string) => Promise<boolean>;

/** How a payment's callbacks come. */
export interface Manner {
  readonly silent: boolean;
  readonly afterMs: number;
  readonly twice: boolean;
  readonly badlySignedFirst: boolean;
}

export const SIGNED = 'signed';
const LITERAL = 'success';
const PROVIDER = 'platform';
const REPEAT_MS = 2_000;
const GIVE_UP_MS = 10_000;

export class SimulatedPlatform {
  isUp = true;
  readonly payments = new Map<PayId, PlatformPayment>();
  private count = 0;
  /** Callbacks that are not acknowledged and will be sent again. */
  calling = 0;

  constructor(
    private readonly time: SimulatedTime,
    private readonly network: SimulatedNetwork,
    private readonly chance: Chance,
    private readonly callBack: CallBack,
  ) {}

  /** The customer pays. @returns undefined if the payment is closed, or not known */
  pay(payId: PayId, manner: Manner, amount?: Money): PlatformTransaction | undefined {
    const payment = this.payments.get(payId);
    if (!payment || payment.isClosed) return undefined;
    this.count += 1;
    const transaction: PlatformTransaction = {
      transactionId: `T${this.count}`,
      payId,
      amount: amount ?? payment.amount,
      acknowledged: false,
      refunds: [],
    };
    payment.transactions.push(transaction);
    if (!manner.silent) {
      this.calling += 1;
      this.time.after(manner.afterMs, () => this.tell(payment, transaction, manner, 1));
    }
    return transaction;
  }

  /** The way of a node's process to the platform. */
  gateway(process: SimulatedProcess): PaymentGateway {
    const call = <Answer>(work: () => Answer): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const callOff = process.clock.later(GIVE_UP_MS, () => reject(new RetryableError('no answer')));
        const answer = (give: () => void): void =>
          this.network.deliver(() =>
            process.turn('sockets', () => {
              callOff();
              give();
            }),
          );
        this.network.deliver(() => {
          if (!this.isUp) return;
          try {
            const value = work();
            answer(() => resolve(value));
          } catch (error) {
            answer(() => reject(error instanceof Error ? error : new Error(String(error))));
          }
        });
      });
    return {
      provider: PROVIDER,
      successLiteral: LITERAL,
      create: ({ payId, orderId, amount }) =>
        call(() => {
          if (!this.payments.has(payId))
            this.payments.set(payId, { payId, orderId, amount, isClosed: false, transactions: [] });
          return { payUrl: `pay/${payId}` };
        }),
      verify: (rawBody, signature) =>
        Promise.resolve(
          signature === SIGNED ? (JSON.parse(Buffer.from(rawBody).toString()) as GatewayNotice) : undefined,
        ),
      query: (payId, { close }) => call(() => this.query(payId, close)),
      refund: ({ transactionId, amount }) => call(() => this.refund(transactionId, amount)),
    };
  }

  private query(payId: PayId, close: boolean): GatewayPaymentState {
    const payment = this.payments.get(payId);
    if (!payment) return { state: 'unknown' };
    if (payment.transactions.length > 0) {
      const notices = payment.transactions.map((one) => noticeOf(payment, one));
      return { state: 'paid', notices };
    }
    if (close) payment.isClosed = true;
    return { state: payment.isClosed ? 'closed' : 'open' };
  }

  /** Once a transaction: a repeat is the same refund. */
  private refund(transactionId: string, amount: Money): void {
    const all = [...this.payments.values()].flatMap(({ transactions }) => transactions);
    const transaction = all.find((one) => one.transactionId === transactionId);
    if (!transaction) throw new TerminalError('no such transaction');
    if (transaction.refunds.length === 0) transaction.refunds.push(amount);
    else if (transaction.refunds[0] !== amount) throw new TerminalError('refunded with another amount');
  }

  private tell(
    payment: PlatformPayment,
    transaction: PlatformTransaction,
    manner: Manner,
    attempt: number,
  ): void {
    const body = JSON.stringify(noticeOf(payment, transaction));
    const signature = manner.badlySignedFirst && attempt === 1 ? 'forged' : SIGNED;
    const copies = manner.twice || this.chance.of(0.1) ? 2 : 1;
    const sent = Array.from({ length: copies }, () => this.callBack(body, signature));
    void Promise.all(sent).then((answers) => {
      if (answers.includes(true)) {
        transaction.acknowledged = true;
        this.calling -= 1;
      } else this.time.after(REPEAT_MS, () => this.tell(payment, transaction, manner, attempt + 1));
    });
  }
}

const noticeOf = (
  { payId, orderId }: PlatformPayment,
  { transactionId, amount }: PlatformTransaction,
): GatewayNotice => ({
  payId,
  orderId,
  isPaid: true,
  amount,
  transactionId,
});
