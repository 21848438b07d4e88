// What follows from a payment that is booked: its order is paid, its user gets points, its log is written. Each by a group
// of its event or, where everybody is at hand, in the payment's own commit.
import type { Ask } from './decision';
import type { Instant, Kind } from './envelope';
import type { OrderCommand, OrderFact } from './order';
import type { Order } from './order-state';
import type { PayLog, PayLogged, WritePayLog } from './pay-log';
import type { Payment, PaymentFact } from './payment';
import type { StoreEntry } from './ports/store';
import type { Wallet, WalletCommand, WalletFact } from './wallet';

/** The kinds that a booking in one commit writes. */
export const BOOKING_KINDS: readonly [Kind, ...Kind[]] = ['payment', 'order', 'wallet', 'pay-log'];

export type BookingStep =
  | { readonly kind: 'order'; readonly entry: StoreEntry<Order, OrderFact> }
  | { readonly kind: 'wallet'; readonly entry: StoreEntry<Wallet, WalletFact> }
  | { readonly kind: 'pay-log'; readonly entry: StoreEntry<PayLog, PayLogged> };

/** A payment that is booked, with all that follows. */
export interface Booking extends StoreEntry<Payment, PaymentFact> {
  readonly steps: readonly BookingStep[];
}

type About<Command> = Ask & { readonly command: Command };

export const markPaid = ({ payId, orderId, amount }: Payment, at: Instant): About<OrderCommand> => ({
  to: { kind: 'order', id: orderId },
  command: { type: 'MarkPaid', payId, amount, at },
  key: payId,
});

export const addPoints = ({ payId, amount }: Payment, { userId }: Order): About<WalletCommand> => ({
  to: { kind: 'wallet', id: userId },
  command: { type: 'AddPoints', payId, amount },
  key: payId,
});

export const writePayLog = ({ payId, orderId, amount }: Payment): About<WritePayLog> => ({
  to: { kind: 'pay-log', id: payId },
  command: { type: 'WritePayLog', payId, orderId, amount },
  key: payId,
});

/**
 * Whom a booking asks next: those before tell it.
 * @param agreed what they answered: the payment, its order, and so on
 * @returns undefined if everybody has been asked
 */
export function nextOfBooking(agreed: readonly unknown[], at: Instant): Ask | undefined {
  const [payment, order] = agreed as readonly [Payment, Order?, ...unknown[]];
  if (!order) return markPaid(payment, at);
  return [addPoints(payment, order), writePayLog(payment)][agreed.length - 2];
}

/** Whether these facts of a payment book it. */
export const isBooked = (facts: readonly { readonly type: string }[]): boolean =>
  facts.some(({ type }) => type === 'PaymentPaid');
