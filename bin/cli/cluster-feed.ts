// `trade cluster feed`: customers for a cluster that runs in demo mode. Prints a line a second, and in the end what
// was promised to them and not kept; ends with 1 if anything was.
import type { Command } from 'commander';
import { must } from '../load/answer';
import { Customers } from '../load/customers';
import { feed } from '../load/feed';
import { DEMO_MARKET, stockMarket } from '../load/market';
import { PATIENT, ShopClient } from '../load/shop-client';
import type { Second } from '../load/tally';
import { demoTokens } from '../load/tokens';
import type { Market } from '../load/wishes';
import { loadConfig } from '../config';
import { flagsOf, wantsJson } from './flags';
import { localCluster, operatorConfig } from './operator';
import { lineOf, printSummary, type FeedSummary } from './feed-report';
import { printJson, printLine } from './print';
import { brokenRules } from './settled-audit';
import { tellingWaits } from './telling-waits';

interface FeedFlags {
  readonly url: readonly string[];
  readonly customers: string;
  readonly seconds: string;
  readonly rate?: string;
  readonly seed: string;
}

/** Callbacks that the platform repeats come minutes late at most while nodes die. */
const KEPT_WITHIN_MS = 60_000;
const PENDING_MS = 30_000;
/** Customers are patient; whoever mistyped an address is not. */
const HELLO_MS = 5_000;

interface ShopAddress {
  readonly urls: readonly string[];
  /** Perhaps another shop's. */
  readonly adminToken: string;
}

/** @param places under DATA_DIR, where a cluster of this machine may be */
export function addFeed(cluster: Command, places: readonly string[]): void {
  cluster
    .command('feed')
    .description('lets customers come, and holds the shop to what it promised them')
    .option(
      '--url <url>',
      'a node; may be repeated (those of the cluster that runs on this machine)',
      append,
      [],
    )
    .option('--customers <number>', 'the most at once', '32')
    .option('--seconds <number>', 'how long they come', '60')
    .option('--rate <number>', 'visits a second (without it each comes again as soon as it is served)')
    .option('--seed <number>', 'the same seed gives the same customers', '1')
    .action(async (flags: FeedFlags, command: Command) => {
      const kept = await runFeed(flags, addressOf(flags, command, places), command);
      if (!kept) process.exitCode = 1;
    });
}

const append = (url: string, before: readonly string[]): readonly string[] => [
  ...before,
  url.replace(/\/$/, ''),
];

function positive(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw new Error(`${flag} must be a number above 0`);
  return number;
}

function addressOf({ url }: FeedFlags, command: Command, places: readonly string[]): ShopAddress {
  const { adminToken } = operatorConfig(command, places).access;
  if (url.length > 0) return { urls: url, adminToken };
  const { dataDir } = loadConfig(flagsOf(command), undefined, { serving: false });
  const running = localCluster(dataDir, places);
  if (!running)
    throw new Error(
      `no cluster runs in ${dataDir}: start one with npm run cluster, or name nodes with --url`,
    );
  return { urls: running.nodes.map((node) => node.url), adminToken };
}

/** @returns whether every promise was kept and the books are clean */
async function runFeed(
  flags: FeedFlags,
  { urls, adminToken }: ShopAddress,
  command: Command,
): Promise<boolean> {
  const atOnce = positive('--customers', flags.customers);
  const seconds = positive('--seconds', flags.seconds);
  const rate = flags.rate === undefined ? undefined : positive('--rate', flags.rate);
  const json = wantsJson(command);
  const say = (line: string): void => {
    if (!json) printLine(line);
  };
  const client = new ShopClient({ ...PATIENT, urls });
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const { market, isOperator } = await openMarket(client, urls, adminToken, say);
    const tokens = demoTokens(client);
    await Promise.all(market.users.map(tokens));
    const customers = new Customers({
      client,
      tokens,
      market,
      seed: positive('--seed', flags.seed),
      run: `feed-${Date.now()}`,
      sign: undefined,
      adminToken: isOperator ? adminToken : undefined,
      pendingMs: PENDING_MS,
    });
    const { tally, promises } = customers;
    let shown = 0;
    const lines = setInterval(() => {
      tally.advance(performance.now());
      for (; shown < tally.seconds.length; shown += 1) say(lineOf(tally.seconds[shown] as Second));
    }, 1_000);
    const over = setTimeout(onSignal, seconds * 1_000);
    const missed = await feed(customers, { customers: atOnce, rate, signal: stop.signal }).finally(() => {
      clearInterval(lines);
      clearTimeout(over);
    });
    say('checking what was promised ...');
    const waits = tellingWaits((why) =>
      say(`waiting up to ${KEPT_WITHIN_MS / 1_000} s for what is under way: ${why}`),
    );
    const broken = await customers.broken(KEPT_WITHIN_MS, waits);
    const unclean = isOperator
      ? await brokenRules({ urls, adminToken, withinMs: KEPT_WITHIN_MS, onWait: waits })
      : undefined;
    const summary: FeedSummary = {
      answers: tally.answers,
      others: tally.otherResults(),
      missed,
      times: tally.times(),
      promises: promises.count,
      forgotten: promises.forgotten,
      broken,
      audit: unclean ?? 'not asked: no operator token',
    };
    if (json) printJson(summary);
    else printSummary(summary);
    return broken.length === 0 && (unclean ?? []).length === 0;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await client.close();
  }
}

/** @throws Error if an operator is refused for anything but the token: the books would not be asked for without a word */
async function openMarket(
  client: ShopClient,
  urls: readonly string[],
  adminToken: string,
  say: (line: string) => void,
): Promise<{ readonly market: Market; readonly isOperator: boolean }> {
  const first = new ShopClient({ ...PATIENT, urls, deadlineMs: HELLO_MS });
  const ask = { method: 'GET', path: '/admin/outbox', token: adminToken } as const;
  const hello = await first.send(ask).finally(() => first.close());
  if (hello.status === 401) {
    say("selling the demo's own goods, which may run out: the ADMIN_TOKEN at hand is not this shop's");
    return { market: DEMO_MARKET, isOperator: false };
  }
  must(hello);
  return { market: await stockMarket(client, adminToken), isOperator: true };
}
