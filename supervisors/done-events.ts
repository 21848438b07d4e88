// Events that have nothing left to do, because all that follows from them was in their commit. It only spares work: what is
// forgotten here, or was committed by another node, is found done in the books.
import { groupsOf } from '../actors/domain/events';
import type { OutboxRow } from '../actors/domain/ports/outbox';
import type { Delivery } from '../actors/domain/ports/transport';

interface Remembered {
  readonly tag: string;
  /** How many of its groups have not had it. */
  awaited: number;
}

/** An event is mostly delivered within a second; this is several of them. */
const MOST_REMEMBERED = 20_000;

export class DoneEvents {
  /** By their bodies. */
  private readonly remembered = new Map<string, Remembered>();

  /** @param rows committed with all that their groups would do */
  add(rows: readonly Pick<OutboxRow, 'event'>[]): void {
    for (const { event } of rows) {
      const { tag, body } = event;
      this.remember(JSON.stringify(body), { tag, awaited: groupsOf(tag).length });
    }
  }

  /**
   * Takes a delivery to one of the groups.
   * @returns whether it is one of them, to the letter: nothing of it has to be read then. When as many have come as there are
   *   groups, it is forgotten
   */
  take({ tag, body }: Pick<Delivery, 'tag' | 'body'>): boolean {
    const known = this.remembered.get(body);
    if (known?.tag !== tag) return false;
    known.awaited -= 1;
    if (known.awaited === 0) this.remembered.delete(body);
    return true;
  }

  private remember(body: string, event: Remembered): void {
    this.remembered.set(body, event);
    if (this.remembered.size <= MOST_REMEMBERED) return;
    for (const oldest of this.remembered.keys()) {
      this.remembered.delete(oldest);
      return;
    }
  }
}
