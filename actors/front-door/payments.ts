// Payments from the outside: made once an order, and told of by platforms whose signature is verified before
// anything is believed (fault 10).
import type { Logger } from 'pino';
import type { Answer } from '../domain/envelope';
import { RetryableError, TerminalError } from '../domain/errors';
import type { FrontReply } from '../domain/front-door';
import { closePayment } from '../close-payment';
import { id, type OrderId, type PayId } from '../domain/ids';
import { money, type Money } from '../domain/money';
import type { OrderCommand } from '../domain/order';
import type { Payment, PaymentCommand } from '../domain/payment';
import type { Clock } from '../domain/ports/clock';
import type { IdSource } from '../domain/ports/id-source';
import type { GatewayNotice, PaymentGateway } from '../domain/ports/payment-gateway';
import type { Router } from '../domain/ports/router';
import { presentOrder, presentPayment } from './present';
import { pendingAt, replyOf } from './reply';
import { OrderStatus, type Order } from '../domain/order-state';

export interface PaymentParts {
  readonly router: Router;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly gateways: ReadonlyMap<string, PaymentGateway>;
}

interface Wish {
  readonly orderId: OrderId;
  readonly amount: Money;
  readonly provider: string | undefined;
}

const order = (router: Router, orderId: OrderId, command: OrderCommand): Promise<Answer> =>
  router.ask({ kind: 'order', id: orderId, command, key: orderId, attempt: 1 });

const payment = (router: Router, payId: PayId, command: PaymentCommand, attempt = 1): Promise<Answer> =>
  router.ask({ kind: 'payment', id: payId, command, key: payId, attempt });

/** The only gateway, or the one of that name. */
function gatewayNamed(
  gateways: ReadonlyMap<string, PaymentGateway>,
  provider: string | undefined,
): PaymentGateway | undefined {
  if (provider !== undefined) return gateways.get(provider);
  return gateways.size === 1 ? [...gateways.values()][0] : undefined;
}

/**
 * Makes a payment, or finds the open one of the same order, and returns where to pay. The order and the payment
 * are committed before the platform is called (R13).
 */
export async function createPayment(parts: PaymentParts, wish: Wish, again = false): Promise<FrontReply> {
  const { router, clock, ids } = parts;
  const gateway = gatewayNamed(parts.gateways, wish.provider);
  if (!gateway) return { code: 'SHOP_PAYMENT_PAY_ERROR', detail: 'there is no such payment platform' };
  const { orderId, amount } = wish;
  const at = clock.now();
  const opening = { type: 'OpenPayment', payId: id<PayId>(ids.next()), amount, at } as const;
  const opened = await order(router, orderId, opening);
  if (opened.outcome !== 'ok') return pendingAt(orderId, replyOf(opened, presentOrder));
  const { payId } = opened.data as { payId: PayId };
  const creating = { type: 'CreatePayment', payId, orderId, amount, provider: gateway.provider, at } as const;
  const created = await payment(router, payId, creating);
  if (created.outcome !== 'ok') return replyOf(created, presentPayment);
  const standing = created.data as Payment;
  const platform = parts.gateways.get(standing.provider);
  if (!platform)
    return { code: 'SHOP_PAYMENT_PAY_ERROR', detail: 'the platform of the open payment is not configured' };
  try {
    if (payId !== opening.payId && (await isClosed(platform, standing)) && !again) {
      await payment(router, payId, { type: 'ClosePayment', at: clock.now() });
      await order(router, orderId, { type: 'ClosePayment', payId });
      return await createPayment(parts, wish, true);
    }
    const { payUrl } = await platform.create({ payId, orderId, amount });
    const refusal = await unwantedMeanwhile(parts, standing);
    if (refusal) return refusal;
    return { code: 'SHOP_SUCCESS', data: { ...presentPayment(standing), payUrl } };
  } catch (error) {
    if (error instanceof RetryableError) return { code: 'SHOP_PAYMENT_PLATFORM_FAIL' };
    if (error instanceof TerminalError) return { code: 'SHOP_PAYMENT_PAY_ERROR', detail: error.message };
    throw error;
  }
}

/** The customer called it off at the platform: a new payment may be made. */
async function isClosed(platform: PaymentGateway, standing: Payment): Promise<boolean> {
  if (standing.closedTime !== undefined) return true;
  return (await platform.query(standing.payId, { close: false })).state === 'closed';
}

/**
 * An order that ended before its payment was known to the platform could not close it there, so nobody may pay for it.
 * An order that ends after this finds it.
 * @returns the refusal, once the payment is closed; undefined if the order wants it
 */
async function unwantedMeanwhile(
  { router, clock, gateways }: PaymentParts,
  { payId, orderId }: Payment,
): Promise<FrontReply | undefined> {
  const found = await order(router, orderId, { type: 'FindOrder' });
  if (found.outcome !== 'ok') return replyOf(found, presentOrder);
  const { status, payId: wanted } = found.data as Order;
  if (status === OrderStatus.confirmed && wanted === payId) return undefined;
  await closePayment({ router, clock, gatewayOf: (provider) => gateways.get(provider) }, payId);
  return { code: 'SHOP_PAYMENT_PAY_ERROR', detail: 'the order does not want this payment any more' };
}

export type CallbackParts = Pick<PaymentParts, 'router' | 'clock' | 'gateways'> & {
  readonly logger: Pick<Logger, 'error'>;
};

/**
 * What a platform told over whatever way. Money that it vouches for and that is saved nowhere is in the log, because no row
 * and no dead letter tells of it.
 * @param rawBody the bytes that it signed
 */
export async function takeCallback(
  { router, clock, gateways, logger }: CallbackParts,
  provider: string | undefined,
  rawBody: Uint8Array,
  signature: string | undefined,
): Promise<FrontReply & { readonly literal?: string }> {
  const gateway = gatewayNamed(gateways, provider);
  if (!gateway) return { code: 'SHOP_PAYMENT_NOT_FOUND', detail: 'there is no such payment platform' };
  const notice = await readNotice(gateway, rawBody, signature, logger);
  if (!notice) return { code: 'SHOP_PAYMENT_SIGNATURE_INVALID' };
  const { payId, amount, transactionId, orderId } = notice;
  const command: PaymentCommand = notice.isPaid
    ? {
        type: 'RecordNotice',
        provider: gateway.provider,
        transactionId,
        amount,
        ...(orderId === undefined ? {} : { orderId }),
        at: clock.now(),
      }
    : { type: 'FindPayment' };
  const answer = await payment(router, payId, command);
  if (answer.outcome === 'refused' && notice.isPaid) {
    const told = { provider: gateway.provider, payId, transactionId, amount, code: answer.code };
    logger.error(told, 'money arrived that no payment takes: it is booked nowhere');
  }
  if (answer.outcome !== 'ok') return replyOf(answer, presentPayment);
  return {
    code: 'SHOP_SUCCESS',
    data: presentPayment(answer.data as Payment),
    literal: gateway.successLiteral,
  };
}

/** What is logged of a callback that cannot be read. */
const MOST_LOGGED_BYTES = 1_000;

async function readNotice(
  gateway: PaymentGateway,
  rawBody: Uint8Array,
  signature: string | undefined,
  logger: CallbackParts['logger'],
): Promise<GatewayNotice | undefined> {
  try {
    return await gateway.verify(rawBody, signature);
  } catch (error) {
    if (error instanceof TerminalError) {
      const body = Buffer.from(rawBody.subarray(0, MOST_LOGGED_BYTES)).toString('utf8');
      const told = { err: error, provider: gateway.provider, body };
      logger.error(told, 'a signed callback cannot be read: what it tells is booked nowhere');
    }
    throw error;
  }
}

/** An operator refunds the paid, unshipped order of this payment (R16). */
export async function refundPayment(parts: Pick<PaymentParts, 'router'>, payId: PayId): Promise<FrontReply> {
  const found = await payment(parts.router, payId, { type: 'FindPayment' });
  if (found.outcome !== 'ok') return replyOf(found, presentPayment);
  const { orderId, isPaid } = found.data as Payment;
  if (!isPaid) return { code: 'SHOP_PAYMENT_PAY_ERROR', detail: 'the payment is not paid' };
  return replyOf(await order(parts.router, orderId, { type: 'RefundOrder', payId }), presentOrder);
}

/** Amounts of a body that fits its schema. */
export const wishOf = (orderId: OrderId, payAmount: string, provider: string | undefined): Wish => ({
  orderId,
  amount: money(payAmount),
  provider,
});
