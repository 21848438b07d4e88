// What one tick has for one address goes out together, at the end of that tick.

export class TickBatch<Item> {
  private byAddress = new Map<string, Item[]>();
  private scheduled: NodeJS.Immediate | undefined;

  /** @param deliver gets all that was added for an address; must not throw */
  constructor(private readonly deliver: (address: string, items: readonly Item[]) => void) {}

  add(address: string, item: Item): void {
    const batch = this.byAddress.get(address);
    if (batch) batch.push(item);
    else this.byAddress.set(address, [item]);
    this.scheduled ??= setImmediate(() => {
      this.flush();
    });
  }

  /** Delivers at once what waits. */
  flush(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    const batches = this.byAddress;
    this.byAddress = new Map();
    for (const [address, items] of batches) this.deliver(address, items);
  }
}
