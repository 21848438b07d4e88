// Customers come, something happens to the nodes, and in the end every promise is held against what the shop says.
import { setTimeout as pause } from 'node:timers/promises';
import type { Customers } from '../../bin/load/customers';
import { feed } from '../../bin/load/feed';
import type { ClientOptions } from '../../bin/load/shop-client';
import type { Times } from '../../bin/load/tally';
import { until } from '../helpers/until';
import type { Cluster } from './cluster';
import { afterDisturbance, median, type AfterDisturbance, type Disturbance } from './figures';

export interface LoadOptions {
  readonly seed: number;
  /** The most at once. */
  readonly customers: number;
  readonly rate?: number;
  readonly client?: Partial<ClientOptions>;
  /** The load alone, before and after what happens. */
  readonly calmMs: number;
}

export interface Loaded {
  readonly answers: number;
  /** True answers a second while nothing had happened yet. */
  readonly answersPerSecond: number;
  /** What was no true answer. */
  readonly others: Readonly<Record<string, number>>;
  readonly times: Readonly<Record<string, Times>>;
  readonly disturbances: readonly AfterDisturbance[];
  readonly orders: number;
  readonly promises: number;
  /** The longest that an order took from its first row to its confirmation, by the database's clock. */
  readonly longestOrderMs: number;
}

const SETTLES_MS = 60_000;

/**
 * @param happens tells of each disturbance as it begins
 * @throws Error if a promise is broken, the books are not clean or an order has not ended
 */
export async function underLoad(
  cluster: Cluster,
  options: LoadOptions,
  happens: (tell: (what: string) => void, customers: Customers) => Promise<void>,
): Promise<Loaded> {
  const customers = await cluster.customers(options.seed, options.client);
  const { tally, promises } = customers;
  const disturbances: Disturbance[] = [];
  const over = new AbortController();
  const { customers: atOnce, rate } = options;
  const fed = feed(customers, { customers: atOnce, rate, signal: over.signal });
  try {
    await pause(options.calmMs);
    await happens((what) => void disturbances.push({ what, atMs: performance.now() }), customers);
    await pause(options.calmMs);
  } finally {
    over.abort();
    await fed;
  }
  tally.advance(performance.now());
  await expectAllKept(cluster, customers);

  const found = disturbances.map((one, place) => {
    const next = disturbances[place + 1];
    const end = next ? Math.floor((next.atMs - tally.startedMs) / 1_000) : tally.seconds.length;
    return afterDisturbance(one, tally, end);
  });
  const calm = tally.seconds.slice(1, found[0]?.second).map(({ answers }) => answers);
  const [orders] = await cluster.sql<{ total: number; longest: number }>(
    `select count(*)::int as total, coalesce(max(extract(epoch from confirm_time - add_time)) * 1000, 0)::int as longest
     from trade_order where request_key like $1`,
    [`run-${options.seed}-%`],
  );
  return {
    answers: tally.answers,
    answersPerSecond: median(calm),
    others: tally.otherResults(),
    times: tally.times(),
    disturbances: found,
    orders: orders?.total ?? 0,
    promises: promises.count,
    longestOrderMs: orders?.longest ?? 0,
  };
}

/** Nothing lost, nothing doubled: the promises, every order's end and the books. */
export async function expectAllKept(cluster: Cluster, customers: Customers): Promise<void> {
  const halfWay = async (): Promise<boolean> => {
    const [row] = await cluster.sql<{ open: number }>(
      'select count(*)::int as open from trade_order where order_status = 0 or compensation_status = 1',
    );
    return row?.open === 0;
  };
  await until('every order to end', halfWay, SETTLES_MS);
  expect(customers.tally.answers).toBeGreaterThan(0);
  expect(await customers.broken(SETTLES_MS)).toEqual([]);
  expect(await cluster.shop.brokenRules(SETTLES_MS)).toEqual([]);
  expect(await cluster.shop.deadLetters()).toEqual([]);
}
