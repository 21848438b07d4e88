// The way of the events: from the outbox of each database through the streams to the groups, and back to the
// outbox once all groups are done.
import type { Logger } from 'pino';
import { GROUPS, type GroupName } from '../actors/domain/events';
import { KINDS, type Kind } from '../actors/domain/envelope';
import type { Clock } from '../actors/domain/ports/clock';
import type { Outbox, OutboxRow } from '../actors/domain/ports/outbox';
import type { Ownership } from '../actors/domain/ports/ownership';
import type { PaymentGateway } from '../actors/domain/ports/payment-gateway';
import type { Router } from '../actors/domain/ports/router';
import type { Consumption, Transport } from '../actors/domain/ports/transport';
import { DoneEvents } from '../supervisors/done-events';
import { createEventConsumer, type ConsumerOptions } from '../supervisors/event-consumer';
import { orderCancelHandlers } from '../supervisors/handlers/order-cancel';
import { payRefundHandler } from '../supervisors/handlers/pay-refund';
import { payStatusHandlers } from '../supervisors/handlers/pay-status';
import { startLateGiveBacks } from '../supervisors/late-give-backs';
import { startOutboxSettler } from '../supervisors/outbox-settler';
import type { Repeating } from '../supervisors/repeating';
import type { EventHandler } from '../supervisors/resolution';
import { OutboxRelay, type RelayOptions } from '../transport/outbox-relay';
import type { Books } from './compose-books';

export interface EventsOptions {
  readonly books: Pick<Books, 'outboxes' | 'outboxOf' | 'inboxOf' | 'orderIndex'>;
  readonly transport: Pick<
    Transport,
    'publish' | 'isConnected' | 'ensureStreams' | 'consume' | 'outstanding' | 'onReconnect' | 'onStreamsLost'
  >;
  readonly router: Router;
  readonly ownership: Pick<Ownership, 'holds' | 'onGained'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gatewayOf: (provider: string) => PaymentGateway | undefined;
  readonly onOutcome: ConsumerOptions['onOutcome'];
  readonly onPublished: NonNullable<RelayOptions['onPublished']>;
}

export interface Events {
  /**
   * Takes the events of a kind's flush.
   * @param areDone whether their groups are done with them already
   */
  committed(kind: Kind, rows: readonly OutboxRow[], areDone: boolean): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Events on their way to the broker. */
  depth(): number;
}

const CONSUMED_AT_ONCE = 128;
/** Within one process an event holds its place until every group is done with it, so there are many. */
const PUBLISHED_AT_ONCE = 1_024;
/** Rows that an outbox's relay holds in memory: about 20 MB. */
const MOST_HELD = 10_000;
/** What is not published by then goes out at the next start. */
const PUBLISH_LAST_MS = 1_000;
const SWEEP_EVERY_MS = 1_000;
const SETTLE_EVERY_MS = 500;
const LATE_EVERY_MS = 5_000;
const KEEPER_SHARD = 0;

export function composeEvents(options: EventsOptions): Events {
  const { books, transport, router, ownership, clock, logger, gatewayOf } = options;
  const own = logger.child({ part: 'events' });
  // Whoever has the first shard of the first kind in a database looks after its outbox.
  const keeperKindOf = (outbox: Outbox): Kind =>
    KINDS.find((kind) => books.outboxOf(kind) === outbox) ?? 'order';
  const isKeeper = (outbox: Outbox): boolean => ownership.holds(keeperKindOf(outbox), KEEPER_SHARD);
  // Kinds that share a database share its outbox, and so one relay.
  const relays = new Map(
    books.outboxes.map((outbox) => [
      outbox,
      new OutboxRelay({
        outbox,
        transport,
        clock,
        logger: own,
        concurrency: PUBLISHED_AT_ONCE,
        sweepEveryMs: SWEEP_EVERY_MS,
        isKeeper: () => isKeeper(outbox),
        mostHeld: MOST_HELD,
        onPublished: options.onPublished,
      }),
    ]),
  );
  const handlers: Readonly<Record<GroupName, EventHandler>> = {
    ...orderCancelHandlers({ router, clock, gatewayOf }),
    ...payStatusHandlers(router, clock),
    pay_payTopic_refund_group: payRefundHandler(router, clock, gatewayOf),
  };
  const done = new DoneEvents();
  const consumptions: Consumption[] = [];
  const repeating: Repeating[] = [];
  let isStopping = false;

  return {
    committed(kind, rows, areDone) {
      const relay = relays.get(books.outboxOf(kind));
      if (areDone) {
        done.add(rows);
        relay?.committedAndDone(rows);
      } else relay?.committed(rows);
    },

    async start() {
      await transport.ensureStreams();
      for (const group of GROUPS) {
        const consume = createEventConsumer({
          group,
          handler: handlers[group.name],
          inbox: books.inboxOf(group.home),
          takeDone: (delivery) => done.take(delivery),
          clock,
          logger: own,
          isStopping: () => isStopping,
          onOutcome: options.onOutcome,
        });
        consumptions.push(await transport.consume(group.name, CONSUMED_AT_ONCE, consume));
      }
      const resend = (relay: OutboxRelay): void => {
        relay.resend().catch((error: unknown) => own.warn({ err: error }, 'events cannot be sent again now'));
      };
      const resendAll = (): void => relays.forEach((relay) => resend(relay));
      transport.onReconnect(resendAll);
      transport.onStreamsLost(resendAll);
      for (const relay of relays.values()) relay.start();
      // At the start too: the keeper of an outbox makes good for whatever was lost before.
      ownership.onGained((kind, shards) => {
        if (!shards.includes(KEEPER_SHARD)) return;
        for (const [outbox, relay] of relays) if (keeperKindOf(outbox) === kind) resend(relay);
      });
      const { inboxOf, orderIndex: index, outboxOf } = books;
      const asked = { inboxOf, transport, router, clock, logger: own };
      for (const outbox of books.outboxes) {
        const everyMs = SETTLE_EVERY_MS;
        repeating.push(startOutboxSettler({ ...asked, outbox, everyMs, isKeeper: () => isKeeper(outbox) }));
      }
      repeating.push(
        startLateGiveBacks({
          ...asked,
          index,
          everyMs: LATE_EVERY_MS,
          isKeeper: () => isKeeper(outboxOf('order')),
        }),
      );
    },

    async stop() {
      isStopping = true;
      for (const one of repeating) one.stop();
      await Promise.all(consumptions.map((consumption) => consumption.stop()));
      await Promise.all([...relays.values()].map((relay) => relay.stop(PUBLISH_LAST_MS)));
    },

    depth: () => [...relays.values()].reduce((sum, relay) => sum + relay.depth, 0),
  };
}
