// Lets customers come: as many as there are, each again as soon as it is served (a closed loop), or at a rate, where
// one who finds all of them busy is missed (an open loop, so that a slow shop does not slow the demand).
import { setTimeout as pause } from 'node:timers/promises';
import type { Customers } from './customers';

export interface FeedOptions {
  /** The most visits at once. */
  readonly customers: number;
  /** Visits a second; undefined: each customer comes again at once. */
  readonly rate?: number | undefined;
  readonly signal: AbortSignal;
}

const TICK_MS = 5;

/** @returns after the signal, when all have gone: the visits that did not begin because all customers were busy */
export async function feed(customers: Customers, options: FeedOptions): Promise<number> {
  return options.rate === undefined
    ? closedLoop(customers, options)
    : paced(customers, options, options.rate);
}

async function closedLoop(customers: Customers, options: FeedOptions): Promise<number> {
  const lane = async (): Promise<void> => {
    while (!options.signal.aborted) await customers.come(customers.wishes(1));
  };
  await Promise.all(Array.from({ length: options.customers }, lane));
  return 0;
}

async function paced(customers: Customers, options: FeedOptions, rate: number): Promise<number> {
  const began = performance.now();
  const underWay = new Set<Promise<void>>();
  let missed = 0;
  for (let due = 0; !options.signal.aborted;) {
    const dueBy = ((performance.now() - began) * rate) / 1_000;
    for (; due < dueBy; due += 1) {
      if (underWay.size >= options.customers) {
        missed += 1;
        continue;
      }
      const visit = customers.come(customers.wishes(1)).finally(() => void underWay.delete(visit));
      underWay.add(visit);
    }
    await pause(TICK_MS);
  }
  await Promise.all(underWay);
  return missed;
}
