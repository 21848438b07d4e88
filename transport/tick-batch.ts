// What a few ticks have for one address goes out together: messages with more in them cost less each.

/** So many turns of the event loop are nothing to whoever waits, and messages have twice as much in them as with one. */
const GATHERING_TURNS = 4;

export class TickBatch<Item> {
  private byAddress = new Map<string, Item[]>();
  private scheduled: NodeJS.Immediate | undefined;

  /** @param deliver gets all that was added for an address; must not throw */
  constructor(private readonly deliver: (address: string, items: readonly Item[]) => void) {}

  add(address: string, item: Item): void {
    const batch = this.byAddress.get(address);
    if (batch) batch.push(item);
    else this.byAddress.set(address, [item]);
    if (!this.scheduled) this.flushAfter(GATHERING_TURNS);
  }

  /** Delivers at once what waits. */
  flush(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    const batches = this.byAddress;
    this.byAddress = new Map();
    for (const [address, items] of batches) this.deliver(address, items);
  }

  private flushAfter(turns: number): void {
    this.scheduled = setImmediate(() => (turns === 1 ? this.flush() : this.flushAfter(turns - 1)));
  }
}
