// Events that have nothing left to do, because all that follows from them was in their commit. It only spares work: what is
// forgotten here, or was committed by another node, is found done in the books.
import type { Delivery, OutboxRow } from '../actors/domain/ports';

/** An event is mostly delivered within a second; this is several of them. */
const MOST_REMEMBERED = 20_000;

export class DoneEvents {
  /** Their tags, by their bodies. */
  private readonly remembered = new Map<string, string>();

  /** @param rows committed with all that their groups would do */
  add(rows: readonly Pick<OutboxRow, 'event'>[]): void {
    for (const { event } of rows) this.remember(event.tag, JSON.stringify(event.body));
  }

  /** Whether a delivery is one of them, to the letter: nothing of it has to be read then. */
  has({ tag, body }: Pick<Delivery, 'tag' | 'body'>): boolean {
    return this.remembered.get(body) === tag;
  }

  private remember(tag: string, body: string): void {
    this.remembered.set(body, tag);
    if (this.remembered.size <= MOST_REMEMBERED) return;
    for (const oldest of this.remembered.keys()) {
      this.remembered.delete(oldest);
      return;
    }
  }
}
