// Sends hostile inputs by every way into a running node, and says what was not as promised.
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { Shop } from '../helpers/shop';
import { brokenRules, drained, Rows } from './books-verdict';
import { callbackWays } from './callback-ways';
import { Effects } from './effects';
import { Health } from './health';
import { httpWays, routesOf } from './http-ways';
import { wrongInLog } from './log-verdict';
import { natsWays } from './nats-ways';
import { slicesOf } from './slices';
import { secretsOf } from './tokens';
import { changes, picture } from './victims';
import { shown, type Way } from './way';
import { openWorld, type World } from './world';

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Whether PostgreSQL and NATS are; else there are no ways in but HTTP. */
  readonly real: boolean;
  /** Only the ways in whose names hold this. */
  readonly only?: string;
  /** Slices under way at a time. */
  readonly concurrency: number;
  readonly onProgress?: (line: string) => void;
}

export interface FuzzReport {
  /** What is not as promised, in words to be repeated by. */
  readonly findings: readonly string[];
  /** Inputs by way in. */
  readonly sent: ReadonlyMap<string, number>;
  readonly seconds: number;
  /** How long /healthz took at worst. */
  readonly worstHealthMs: number;
}

const TELL_EVERY_MS = 5_000;

/** Ends the node and what it needs, whatever happens. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const world = await openWorld(options.real);
  let connection: NatsConnection | undefined;
  try {
    if (world.nats) connection = await connect({ servers: world.nats.url });
    return await attack(world, connection, options);
  } finally {
    await connection?.close();
    await world.node.remove();
  }
}

/** Every way into this node. */
export async function waysInto(
  world: World,
  connection: NatsConnection | undefined,
  effects: Effects,
): Promise<readonly Way[]> {
  const parts = { world, secrets: secretsOf(world), effects };
  const http = [...httpWays(parts, await routesOf(world.node.url)), ...callbackWays(parts)];
  if (!connection) return http;
  const heartbeat = await heartbeatOf(connection);
  const transactions = await bookedOf(world);
  return [...http, ...natsWays({ ...parts, connection, heartbeat, transactions })];
}

async function heartbeatOf(connection: NatsConnection): Promise<string> {
  const subscription = connection.subscribe('trade.cluster.heartbeat', { max: 1 });
  for await (const message of subscription) return message.string();
  throw new Error('the node tells no heartbeat');
}

async function bookedOf({ node, victims }: World): Promise<readonly string[]> {
  const shop = new Shop(node);
  const books = await Promise.all(victims.payIds.map((payId) => shop.paymentBooks(payId)));
  return books.flatMap((payment) =>
    (payment['transactions'] as readonly { transactionId: string }[]).map(
      ({ transactionId }) => transactionId,
    ),
  );
}

async function attack(
  world: World,
  connection: NatsConnection | undefined,
  options: FuzzOptions,
): Promise<FuzzReport> {
  const { node } = world;
  const { only = '', onProgress = () => undefined } = options;
  const effects = new Effects();
  const before = await picture(world);
  const rows = connection && (await Rows.open(world));
  const ways = (await waysInto(world, connection, effects)).filter(({ name }) => name.includes(only));
  const health = new Health(node.url);
  const sent = new Map<string, number>();
  const underWay = new Map<string, unknown>();
  const findings: string[] = [];
  const began = performance.now();
  const total = (): number => [...sent.values()].reduce((sum, count) => sum + count, 0);
  const tell = (): void => {
    const seconds = (performance.now() - began) / 1_000;
    const rate = Math.round(total() / seconds);
    onProgress(
      `${total()} inputs, ${rate} a second, ${findings.length} findings, /healthz at worst ${Math.round(health.worstMs)} ms`,
    );
  };
  const telling = setInterval(tell, TELL_EVERY_MS);

  const slices = slicesOf(ways, options.inputs, options.seed);
  const work = async (): Promise<void> => {
    for (let slice = slices.pop(); slice && node.running() && !health.fault; slice = slices.pop()) {
      const { way, seed, inputs } = slice;
      const finding = await way.check(seed, inputs, {
        onSend: (input) => underWay.set(way.name, input),
        onSent: () => void sent.set(way.name, (sent.get(way.name) ?? 0) + 1),
        isOver: () => !node.running(),
      });
      if (node.running()) underWay.delete(way.name);
      if (!finding) continue;
      const told = `${way.name} (seed ${options.seed}, slice ${seed}): ${finding.wrong}\n  input: ${finding.input}`;
      findings.push(told);
      onProgress(told);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.concurrency }, work));
    if (!node.running()) findings.push(`the node is dead; its last inputs were:\n${lastWords(underWay)}`);
    if (health.fault !== undefined) findings.push(health.fault);
    if (node.running()) findings.push(...(await aftermath(world, connection, before, rows, effects)));
  } finally {
    clearInterval(telling);
    await health.end();
    await rows?.end();
  }
  const { jwtSecret, adminToken } = secretsOf(world);
  const secrets = [jwtSecret, adminToken, node.token(world.customers.userIds[0]!).split('.')[0]!];
  findings.push(...wrongInLog(node.logs().slice(world.loggedBefore), secrets));
  return { findings, sent, seconds: (performance.now() - began) / 1_000, worstHealthMs: health.worstMs };
}

const lastWords = (underWay: ReadonlyMap<string, unknown>): string =>
  [...underWay].map(([way, input]) => `  ${way}: ${shown(input)}`).join('\n');

async function aftermath(
  world: World,
  connection: NatsConnection | undefined,
  before: string,
  rows: Rows | undefined,
  effects: Effects,
): Promise<readonly string[]> {
  const stuck = connection ? await drained(connection).catch((error: unknown) => [String(error)]) : [];
  const broken = await brokenRules(world);
  const changed = changes(before, await picture(world));
  return [...(stuck ?? []), ...broken, ...changed, ...((await rows?.compare(effects)) ?? [])];
}
