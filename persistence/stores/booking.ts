// Payments that are booked with all that follows, in one statement where all of it is in one database: the order is paid,
// and points and log are there, if and only if the payment is booked.
import type { Booking, BookingStep } from '../../actors/domain/booking';
import type { JointStore } from '../../actors/domain/joint';
import type { Payment, PaymentFact } from '../../actors/domain/payment';
import { eventsOfPayment } from '../../actors/domain/payment-events';
import type { Fate, StoreEntry } from '../../actors/domain/ports/store';
import { arraysOf, PlainColumns } from './batch-columns';
import { BOOK_JOINTLY, MARKED, PAID, type Changed } from './booking-statement';
import { eventArrays, outboxRowsOf } from './event-rows';
import { fatesOf } from './fates';
import { insertedEventOf, walletFiguresOf, type PartRow } from './part-rows';
import { movementOf, STORED } from './payment-columns';
import { eventRowsOf, isChange, type VersionedStoreParts } from './versioned-store';
import { agreesWithWallet } from './wallet';

type BookingRow = PartRow<'all' | 'event' | 'wallet'>;

/** The store of payments that are booked with all that follows. */
export const createBookingStore = ({
  writer,
  now,
  onEvents,
}: Pick<VersionedStoreParts, 'writer' | 'now' | 'onEvents'>): JointStore<Booking> => ({
  async write(bookings) {
    const at = now();
    const all: readonly StoreEntry<Payment, PaymentFact>[] = bookings;
    const payments = all.filter(isChange);
    const events = eventRowsOf(payments, eventsOfPayment);
    const steps = bookings.flatMap((booking) => booking.steps);
    const rows = await writer.query<BookingRow>(BOOK_JOINTLY, [
      ...arraysOf(PAID, payments.flatMap(changed)),
      ...arraysOf(
        STORED,
        payments.flatMap(({ facts, after }) => facts.flatMap((fact) => movementOf(fact, after))),
      ),
      at,
      ...eventArrays(events),
      ...arraysOf(
        MARKED,
        steps.flatMap((step) => (step.kind === 'order' ? changed(step.entry) : [])),
      ),
      ...pointsOf(steps),
      ...logsOf(steps),
    ]);
    const inserted = rows.flatMap((row) => (row.part === 'event' ? [insertedEventOf(row)] : []));
    if (inserted.length > 0) onEvents(outboxRowsOf(inserted, events, at));
    return walletFates(bookings, rows);
  },
});

/** Of what was booked: whether the wallets are held as they are believed to be. */
function walletFates(bookings: readonly Booking[], rows: readonly BookingRow[]): readonly Fate[] {
  const wallets = bookings.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'wallet' ? [step.entry] : [])),
  );
  const figures = rows.flatMap((row) => (row.part === 'wallet' ? [walletFiguresOf(row)] : []));
  const fates = fatesOf(wallets, figures, agreesWithWallet);
  const stale = new Set(wallets.filter((_entry, place) => fates[place] !== 'applied'));
  return bookings.map(({ steps }) =>
    steps.some((step) => step.kind === 'wallet' && stale.has(step.entry)) ? 'stale' : 'applied',
  );
}

const changed = <State extends { readonly version: number }>({
  before,
  after,
}: StoreEntry<State, unknown>): readonly Changed<State>[] =>
  before && after ? [{ after, expectedVersion: before.version }] : [];

function pointsOf(steps: readonly BookingStep[]): string[] {
  const points = new PlainColumns(3);
  for (const step of steps) {
    if (step.kind !== 'wallet') continue;
    for (const fact of step.entry.facts)
      if (fact.type === 'PointsAdded') points.add(step.entry.id, fact.payId, fact.points);
  }
  return points.arrays();
}

function logsOf(steps: readonly BookingStep[]): string[] {
  const logs = new PlainColumns(3);
  for (const step of steps) {
    if (step.kind !== 'pay-log') continue;
    for (const { payId, orderId, amount } of step.entry.facts) logs.add(payId, orderId, amount);
  }
  return logs.arrays();
}
