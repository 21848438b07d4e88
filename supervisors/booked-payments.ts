// Payments whose event has nothing left to do, because all that follows was in their commit. It only spares work: what is
// forgotten here, or was booked by another node, is found done in the books.
import type { PayId } from '../actors/domain/ids';

/** An event is mostly delivered within a second; this is several of them. */
const MOST_REMEMBERED = 20_000;

export class BookedPayments {
  private readonly ids = new Set<PayId>();

  add(payId: PayId): void {
    this.ids.add(payId);
    if (this.ids.size <= MOST_REMEMBERED) return;
    for (const oldest of this.ids) {
      this.ids.delete(oldest);
      return;
    }
  }

  has(payId: PayId): boolean {
    return this.ids.has(payId);
  }
}
