// A third-party payment platform.
import type { OrderId, PayId } from '../ids';
import type { Money } from '../money';

/** A payment at a third-party platform. */
export interface GatewayPayment {
  readonly payId: PayId;
  readonly orderId: OrderId;
  readonly amount: Money;
}

/** What a platform said of money that arrived, after its signature was verified. */
export interface GatewayNotice {
  readonly payId: PayId;
  readonly isPaid: boolean;
  readonly amount: Money;
  readonly transactionId: string;
  readonly orderId?: OrderId;
}

/**
 * A third-party payment platform. All calls may be repeated, and end within seconds: they throw RetryableError when it is
 * away or silent.
 */
export interface PaymentGateway {
  readonly provider: string;
  /** The literal that tells the platform to stop calling back. */
  readonly successLiteral: string;
  /** Makes the payment at the platform, once per payId. */
  create(payment: GatewayPayment): Promise<{ readonly payUrl: string }>;
  /**
   * Reads a callback.
   * @returns undefined if the signature over the raw body is not the platform's
   * @throws TerminalError if the platform did sign it and it cannot be read: trying again will not help
   */
  verify(rawBody: Uint8Array, signature: string | undefined): Promise<GatewayNotice | undefined>;
  /** Asks what became of a payment and, if it is unpaid and `close` is set, closes it. */
  query(payId: PayId, options: { readonly close: boolean }): Promise<GatewayPaymentState>;
  /** Sends money back, once per transaction id. @throws TerminalError if the platform refuses for good */
  refund(refund: {
    readonly payId: PayId;
    readonly transactionId: string;
    readonly amount: Money;
  }): Promise<void>;
}

export type GatewayPaymentState =
  | { readonly state: 'open' | 'closed' | 'unknown' }
  | { readonly state: 'paid'; readonly notices: readonly GatewayNotice[] };
