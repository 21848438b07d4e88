// What must happen although nobody asks: sagas that fell silent go on, orders that nobody pays end (promise 6,
// fault 14). Before an unpaid order ends, its open payment is asked for at the platform and closed (R16).
import type { Logger } from 'pino';
import type { Instant } from '../actors/domain/envelope';
import type { OrderId, PayId } from '../actors/domain/ids';
import { plusMs } from '../actors/domain/instant';
import { SILENCE_MS } from '../actors/domain/order-saga';
import { BEFORE_ALL, pagesOf } from '../actors/domain/pages';
import type { ExpiredOrder, OrderIndex, UnfinishedOrder } from '../actors/domain/ports/order-index';
import type { Ownership } from '../actors/domain/ports/ownership';
import { closePayment, type ClosingParts } from '../actors/close-payment';
import { RecurringFailures } from './recurring-failures';
import { repeat, type Repeating } from './repeating';

export interface TimersOptions extends ClosingParts {
  readonly logger: Logger;
  readonly index: Pick<OrderIndex, 'unfinished' | 'expired'>;
  readonly ownership: Pick<Ownership, 'onGained' | 'onLost'>;
  readonly everyMs: number;
}

interface Unended {
  readonly orderId: OrderId;
  readonly error: unknown;
}

const PAGE = 200;
/** A platform that is silent keeps so many of those with an open payment waiting; the others expire meanwhile. */
const EXPIRED_AT_ONCE = 8;

/**
 * Starts the timers; whatever order shards this node gets, what is half-way in them is taken up at once. Taking up
 * asks no platform, and so waits for none.
 */
export function startTimers(options: TimersOptions): Pick<Repeating, 'stop'> {
  const { index, ownership, clock, logger, everyMs } = options;
  // By then whatever the owner before was waiting for is due, and nothing that this one begins.
  const inherited = new Map<number, Instant>();
  ownership.onLost((kind, shards) => {
    if (kind === 'order') for (const shard of shards) inherited.delete(shard);
  });

  const unfinished = (after: string, limit: number): Promise<readonly UnfinishedOrder[]> => {
    const now = clock.now();
    const due = new Map([...inherited].map(([shard, moment]) => [shard, now > moment ? now : moment]));
    return index.unfinished(due, { after, limit });
  };

  const takeUp = async (isStopped: () => boolean): Promise<void> => {
    if (inherited.size === 0) return;
    for await (const orders of pagesOfOrders(unfinished)) {
      if (isStopped()) return;
      logger.info({ orders: orders.length }, 'taking up orders found half-way');
      await Promise.all(orders.map((order) => tryAgain(options, order)));
    }
  };

  const expireDue = async (
    paying: boolean,
    failures: RecurringFailures<Unended>,
    isStopped: () => boolean,
  ): Promise<void> => {
    if (inherited.size === 0) return;
    const expired = (after: string, limit: number): Promise<readonly ExpiredOrder[]> =>
      index.expired([...inherited.keys()], clock.now(), paying, { after, limit });
    for await (const orders of pagesOfOrders(expired)) {
      if (isStopped()) return;
      await expireAll(orders, failures, isStopped);
    }
    failures.roundEnded();
  };

  const expireAll = async (
    due: readonly ExpiredOrder[],
    failures: RecurringFailures<Unended>,
    isStopped: () => boolean,
  ): Promise<void> => {
    const rest = due.values();
    const lane = async (): Promise<void> => {
      for (const { orderId, payId } of rest) {
        if (isStopped()) return;
        await expire(options, orderId, payId).catch((error: unknown) => failures.add({ orderId, error }));
      }
    };
    await Promise.all(Array.from({ length: EXPIRED_AT_ONCE }, lane));
  };

  const often = {
    clock,
    everyMs,
    onFailure: (error: unknown) => logger.warn({ err: error }, 'the orders that are due cannot be read now'),
  };
  const takingUp = repeat(takeUp, often);
  // Each of the two by itself: those without an open payment ask no platform.
  const expiring = [true, false].map((paying) => {
    const failures = new RecurringFailures<Unended>(clock, ({ orderId, error }, orders) =>
      logger.warn({ err: error, orderId, orders }, 'unpaid orders cannot be ended now, such as this one'),
    );
    return repeat((isStopped) => expireDue(paying, failures, isStopped), often);
  });
  ownership.onGained((kind, shards) => {
    if (kind !== 'order') return;
    for (const shard of shards) inherited.set(shard, plusMs(clock.now(), SILENCE_MS));
    takingUp.hurry();
  });
  return {
    stop() {
      takingUp.stop();
      for (const round of expiring) round.stop();
    },
  };
}

const pagesOfOrders = <Found extends { readonly orderId: OrderId }>(
  read: (after: string, limit: number) => Promise<readonly Found[]>,
): AsyncGenerator<readonly Found[]> =>
  pagesOf<Found, string>(read, ({ orderId }) => orderId, BEFORE_ALL, PAGE);

async function tryAgain(
  { router, clock }: TimersOptions,
  { orderId, attempts }: UnfinishedOrder,
): Promise<void> {
  const command = { type: 'TrySteps', after: attempts, at: clock.now() };
  await router.ask({ kind: 'order', id: orderId, command, key: orderId, attempt: 2 });
}

/** A payment that turns out to be paid is booked instead; the order then is not unpaid any more. */
async function expire(options: TimersOptions, orderId: OrderId, payId: PayId | undefined): Promise<void> {
  if (payId !== undefined && (await closePayment(options, payId)) !== 'closed') return;
  const { router, clock } = options;
  const command = { type: 'ExpireOrder', at: clock.now() };
  await router.ask({ kind: 'order', id: orderId, command, key: orderId, attempt: 1 });
}
