// Customers who order and pay while things die around them. Whom a node's death cuts off goes away without an
// answer; what the others were promised is held against what the shop says in the end.
import { Customers as ShopCustomers } from '../../bin/load/customers';
import { feed } from '../../bin/load/feed';
import { DEMO_MARKET } from '../../bin/load/market';
import { ShopClient } from '../../bin/load/shop-client';
import { openKeys } from '../../bin/sandbox/keys';
import type { TestNode } from './node';
import { Shop } from './shop';

/** Longer than any answer takes: no one node is given up for another, as there is none. */
const ANSWER_MS = 60_000;

export class Customers extends ShopCustomers {
  readonly shop: Shop;

  constructor(node: TestNode, seed: number) {
    const client = new ShopClient({
      urls: [node.url],
      deadlineMs: ANSWER_MS,
      attemptMs: ANSWER_MS,
      resends: false,
      retriesBusy: false,
    });
    super({
      client,
      tokens: (userId) => Promise.resolve(node.token(userId)),
      market: DEMO_MARKET,
      seed,
      run: 'visit',
      sign: (bytes) => openKeys(node.dataDir).sign(bytes),
      adminToken: node.adminToken,
      pendingMs: 0,
    });
    this.shop = new Shop(node);
  }

  /** Customers come, a few at a time, until the work is done. */
  async comeDuring(work: () => Promise<unknown>, atOnce = 8): Promise<void> {
    const over = new AbortController();
    const fed = feed(this, { customers: atOnce, signal: over.signal });
    try {
      await work();
    } finally {
      over.abort();
      await fed;
    }
  }

  /** Waits until all has ended, then holds every promise against what the shop says now. */
  async expectKept(withinMs = 30_000): Promise<void> {
    await this.shop.booksAreClean(withinMs);
    expect(this.tally.answers).toBeGreaterThan(0);
    expect(await this.broken(withinMs)).toEqual([]);
    await this.shop.booksAreClean(withinMs);
  }
}
