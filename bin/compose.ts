// Where the parts meet: builds the adapters, hands them to the actors, starts them in the order in which they
// need each other, and stops them in the reverse.
import { start as startSystem, stop as stopSystem } from 'nact';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Admission } from '../actors/front-door/admission';
import { createFrontDoor } from '../actors/front-door/front-door';
import { createTextDoor, REQUESTS } from '../actors/front-door/text-door';
import { KINDS } from '../actors/domain/envelope';
import { retire } from '../actors/http/retire';
import { createHttpServer } from '../actors/http/server';
import { createCatalogue } from '../persistence/catalogue';
import { joinDeployments } from '../persistence/deployment';
import { applicationNameOf } from '../persistence/node-row';
import { seedDemo } from '../persistence/seed';
import { DEMO_USERS } from '../persistence/demo-data';
import { createOrderIds } from '../supervisors/order-ids';
import { createRouter } from '../supervisors/router';
import { startTimers } from '../supervisors/timers';
import { LocalDelivery } from '../transport/local-delivery';
import { composeKinds } from './compose-kinds';
import { composeEvents } from './compose-events';
import { composeGateways, expectGatewayKeys } from './compose-gateways';
import { openBooks, openLedgers } from './compose-books';
import {
  composeOwnership,
  identify,
  readinessOf,
  startSignsOfLife,
  takePart,
  untilSettled,
} from './compose-cluster';
import { composeMetrics } from './compose-metrics';
import { composeStores } from './compose-stores';
import { composeTransport } from './compose-transport';
import type { Config } from './config';
import { listenAt } from './listen';
import { announceNode } from './node-file';
import { Stops } from './stops';
import { systemClock } from './system-clock';
import { verifyPassword } from './passwords';

export interface RunningNode {
  readonly urls: { readonly shop: string; readonly docs: string; readonly sandbox: string | undefined };
  stop(): Promise<void>;
}

/** What is under way may take this long to end when the node stops. */
const DRAIN_MS = 10_000;
const TIMERS_EVERY_MS = 1_000;

/**
 * Starts a node.
 * @throws Error with one clear line if it cannot; whatever was started by then is stopped again
 */
export async function startNode(config: Config, logger: Logger): Promise<RunningNode> {
  const stops = new Stops(logger);
  try {
    return await compose(config, logger, stops);
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function compose(config: Config, logger: Logger, stops: Stops): Promise<RunningNode> {
  const { nodeName, orders } = config;
  expectGatewayKeys(config);
  const clock = systemClock;
  const self = identify(config, clock);
  const ledgers = await openLedgers(config, logger, {
    applicationName: applicationNameOf(self),
    migrates: true,
  });
  let closeBooks = () => ledgers.close();
  stops.add('databases', () => closeBooks());
  const { deploymentId } = await joinDeployments(
    ledgers.databases.map((database) => database.reader),
    config.shards,
  );

  const transport = await composeTransport(config, logger);
  stops.add('transport', () => transport.close(DRAIN_MS));
  const ownership = composeOwnership({ config, self, deploymentId, transport, clock, logger });
  await ownership.join();
  const { stepTimeoutMs } = orders;
  const books = await openBooks(ledgers, { logger, listener: ownership, stepTimeoutMs });
  closeBooks = () => books.close();
  if (config.demo) await seedDemo(books.readers);
  const signs = await startSignsOfLife(ledgers, books, { self, clock, logger });
  stops.add('signs of life', () => signs.stop());
  stops.add('shards', async () => {
    await ownership.finish();
    ownership.stop();
  });

  const system = startSystem();
  stops.add('actors', () => {
    stopSystem(system);
    return Promise.resolve();
  });
  const metrics = composeMetrics();
  const nodes = new LocalDelivery(nodeName, transport);
  const router = createRouter({
    transport: nodes,
    ownership,
    clock,
    shards: config.shards,
    timeoutMs: stepTimeoutMs,
    deadlineMs: orders.placeDeadlineMs,
    listener: metrics.commands,
  });
  const gateways = metrics.countCalls(await composeGateways(config, logger, stops));
  const gatewayOf = (provider: string) => gateways.get(provider);

  const { onOutcome, onPublished } = metrics;
  const events = composeEvents({
    books,
    transport,
    router,
    ownership,
    clock,
    logger,
    gatewayOf,
    onOutcome,
    onPublished,
  });
  const stores = composeStores({
    clock,
    shards: config.shards,
    confirmEvents: orders.confirmEvents,
    writers: books.sessions,
    joint: books.joint && { writer: books.joint.session, kinds: books.joint.kinds },
    readers: books.readers,
    onEvents: (...committed) => events.committed(...committed),
    commits: metrics.commits,
  });
  const kinds = composeKinds({
    system,
    ownership,
    router,
    clock,
    logger,
    shards: config.shards,
    stores,
    onBusy: () => metrics.onBusy('region'),
  });
  nodes.open(kinds.deliver);
  await transport.receive(nodeName, (envelope) => new Promise((resolve) => kinds.deliver(envelope, resolve)));
  stops.add('entities', async () => {
    await Promise.all(KINDS.map((kind) => kinds.of[kind].region.drain(DRAIN_MS)));
  });

  await events.start();
  stops.add('events', () => events.stop());
  const timers = startTimers({
    index: books.orderIndex,
    ownership,
    router,
    clock,
    logger,
    gatewayOf,
    everyMs: TIMERS_EVERY_MS,
  });
  stops.add('timers', () => {
    timers.stop();
    return Promise.resolve();
  });
  const admission = new Admission<'http' | 'nats'>(orders.maxInFlight, metrics.onBusy);
  metrics.watch({ kinds, books, ownership, events, transport, admission });
  takePart(ownership, books, kinds.of, signs.of);
  await untilSettled(ownership, { config, clock, logger });

  const frontDoor = createFrontDoor({
    router,
    ids: books.ids,
    orderIds: createOrderIds({ ids: books.ids, ownership, node: nodeName, shards: config.shards }),
    clock,
    gateways,
    logger,
    expiresAfterMs: orders.expiresAfterMs,
    patienceMs: orders.placeDeadlineMs,
  });
  const textDoor = createTextDoor(frontDoor, admission);
  for (const request of REQUESTS) {
    await transport.serve(`trade.${request}`, (text, trace) => textDoor(request, text, trace));
  }

  // With nobody to take them the shards stay until the entities have come to rest.
  stops.add('hand-over of the rest', async () => {
    if (ownership.hasOthers()) await ownership.finish();
  });
  const catalogue = createCatalogue(books.readers);
  const http = await createHttpServer({
    system,
    frontDoor,
    catalogue,
    operations: metrics.countRedrives(books.operations),
    access: {
      ...config.access,
      demo: config.demo,
      verifyPassword: async (userId, password) =>
        verifyPassword(await catalogue.passwordHash(userId), password),
    },
    isReady: () => readinessOf(ownership, { isConnected: transport.isConnected(), hasIds: books.hasIds() }),
    isLeaving: () => ownership.isLeaving,
    metrics: metrics.registry,
    onBusy: metrics.onBusy,
    logger,
    admission,
    demoUsers: config.demo ? DEMO_USERS.map((user) => user.userId) : [],
    webRoot: join(__dirname, '..', '..', 'web'),
  });
  stops.add('http', async () => {
    await retire(http, DRAIN_MS);
    await http.close();
  });
  await listenAt(http, config.http, 'PORT');
  const stopAnnouncing = announceNode(config);
  stops.add('announcement', stopAnnouncing);
  stops.add('hand-over', () => ownership.leave());

  const shop = config.http.publicUrl;
  return {
    urls: { shop, docs: `${shop}/docs`, sandbox: config.sandbox?.publicUrl },
    stop: () => stops.run(),
  };
}
