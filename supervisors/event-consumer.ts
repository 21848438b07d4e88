// One group of a stream: ask, act, count, park. Three attempts of each effect, counted in the database, then a
// dead letter; what has to wait burns none (promise 3, R10, R11).
import type { Logger } from 'pino';
import type { Group } from '../actors/domain/events';
import type { InboxClaim } from '../actors/domain/envelope';
import type { Clock, Delivery, DeliveryVerdict, Inbox } from '../actors/domain/ports';
import { MOST_ATTEMPTS } from '../actors/domain/attempts';
import { afterFailure, WAIT_MS } from './attempts';
import { parseBody, type Body } from './event-body';
import type { EventHandler, Part, PartOutcome } from './resolution';

export type EventOutcome = 'done' | 'ignored' | 'wait' | 'failed' | 'parked';

export interface ConsumerOptions {
  readonly group: Group;
  readonly handler: EventHandler;
  readonly inbox: Inbox;
  /** Takes a delivery whose event is known to be done, so that nothing has to be looked up. @returns whether it is one */
  readonly takeDone: (delivery: Delivery) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @param attempt the number of the attempt that ended so; 0 where none was burnt */
  readonly onOutcome: (group: string, outcome: EventOutcome, attempt: number) => void;
}

/** How long the longest of several has to wait; undefined if all are done. */
type Wait = number | undefined;

/** Handles one delivery for a group; rejects only if the database is away, and then nothing was counted. */
export function createEventConsumer(
  options: ConsumerOptions,
): (delivery: Delivery) => Promise<DeliveryVerdict> {
  const { group, handler, inbox, takeDone, clock, logger, onOutcome } = options;

  const claimOf = (key: string, delivery: Delivery): InboxClaim => ({
    group: group.name,
    tag: group.tag,
    key,
    messageId: delivery.messageId,
    body: delivery.body,
  });

  /** Who is told that it was given up. What nobody knows has no owner who should be. */
  const told = (body: Body) => (): Promise<void> => handler.onParked?.(body) ?? Promise.resolve();
  const nobody = (): Promise<void> => Promise.resolve();

  /** It was done before, or given up, which its owner must know even if it has begun anew. */
  const endedBefore = async (tell: () => Promise<void>): Promise<Wait> => {
    await tell();
    return undefined;
  };

  /** Counts an attempt that failed before the event's parts were known, under the first key that is not over. */
  const failEvent = async (
    keys: readonly string[],
    remark: string,
    delivery: Delivery,
    tell: () => Promise<void>,
  ): Promise<Wait> => {
    for (const key of new Set(keys)) {
      const claim = claimOf(key, delivery);
      const attempt = await inbox.claim(claim, clock.now());
      if (attempt !== undefined) return failCounted(claim, attempt, remark, tell);
    }
    return endedBefore(tell);
  };

  /** Counts a failed attempt; `counted` is its number if it was counted before it began. */
  const fail = async (
    claim: InboxClaim,
    counted: number | undefined,
    remark: string,
    tell: () => Promise<void>,
  ): Promise<Wait> => {
    const attempt = counted ?? (await inbox.claim(claim, clock.now()));
    return attempt === undefined ? endedBefore(tell) : failCounted(claim, attempt, remark, tell);
  };

  const failCounted = async (
    claim: InboxClaim,
    attempt: number,
    remark: string,
    tell: () => Promise<void>,
  ): Promise<Wait> => {
    const attempts = await inbox.fail(claim, attempt, remark, clock.now());
    const next = afterFailure(attempts);
    const { tag, key } = claim;
    const { name } = group;
    if (next.next === 'again') {
      onOutcome(name, 'failed', attempts);
      logger.warn({ group: name, tag, key, attempts, remark }, 'an event failed and will be tried again');
      return next.afterMs;
    }
    onOutcome(name, 'parked', attempts);
    logger.error({ group: name, tag, key, attempts, remark }, 'an event was given up: see the dead letters');
    await tell();
    return undefined;
  };

  const runPart = async (part: Part, delivery: Delivery, body: Body): Promise<Wait> => {
    const claim = claimOf(part.key, delivery);
    // A first delivery goes straight to the effect; later ones commit their count first (R11).
    const counted = delivery.redelivered ? await inbox.claim(claim, clock.now()) : undefined;
    if (delivery.redelivered && counted === undefined) return endedBefore(told(body));
    const outcome = await tryPart(part, claim, delivery.redelivered ? 2 : 1);
    switch (outcome.part) {
      case 'without-effect':
        await inbox.finish(claim, clock.now());
        onOutcome(group.name, 'done', counted ?? 1);
        return undefined;
      case 'done':
        onOutcome(group.name, 'done', counted ?? 1);
        return undefined;
      case 'wait':
        if (counted !== undefined) await inbox.unclaim(claim);
        onOutcome(group.name, 'wait', 0);
        logger.debug({ group: group.name, key: part.key, reason: outcome.reason }, 'an event waits');
        return WAIT_MS;
      case 'failed':
        return fail(claim, counted, outcome.remark, told(body));
    }
  };

  const tryPart = async (part: Part, claim: InboxClaim, attempt: number): Promise<PartOutcome> => {
    try {
      return await part.run(claim, attempt);
    } catch (error) {
      return { part: 'failed', remark: error instanceof Error ? error.message : String(error) };
    }
  };

  /**
   * An event whose owner could not be asked was counted under its own key. Once it has parts with keys of their own
   * these are what counts, and the other would be listed as one that is still tried, for ever.
   */
  const settleEvent = async (body: Body, parts: readonly Part[], delivery: Delivery): Promise<void> => {
    const keys = [...handler.keysOf(body), handler.keyWhileUnknown?.(body)];
    for (const key of new Set(keys)) {
      if (key === undefined || parts.some((part) => part.key === key)) continue;
      await inbox.withdraw(claimOf(key, delivery));
    }
  };

  const park = async (delivery: Delivery, remark: string): Promise<DeliveryVerdict> => {
    await inbox.park(claimOf(`poison:${delivery.messageId}`, delivery), remark, clock.now());
    onOutcome(group.name, 'parked', MOST_ATTEMPTS);
    logger.error(
      { group: group.name, messageId: delivery.messageId, remark },
      'an event does not fit its schema',
    );
    return { verdict: 'done' };
  };

  return async (delivery) => {
    if (takeDone(delivery)) {
      onOutcome(group.name, 'done', 1);
      return { verdict: 'done' };
    }
    const body = parseBody(group.tag, delivery.body);
    if (typeof body === 'string') return park(delivery, body);
    const resolution = await handler.resolve(body);
    switch (resolution.resolved) {
      case 'ignored':
        onOutcome(group.name, 'ignored', 0);
        await settleEvent(body, [], delivery);
        return { verdict: 'done' };
      case 'wait':
        onOutcome(group.name, 'wait', 0);
        return { verdict: 'again', afterMs: WAIT_MS };
      case 'failed':
        return verdictOf([await failEvent(handler.keysOf(body), resolution.remark, delivery, told(body))]);
      case 'unknown': {
        const own = handler.keyWhileUnknown?.(body);
        const keys = own === undefined ? handler.keysOf(body) : [own];
        return verdictOf([await failEvent(keys, resolution.remark, delivery, nobody)]);
      }
      case 'parts': {
        const waits = await Promise.all(resolution.parts.map((part) => runPart(part, delivery, body)));
        await settleEvent(body, resolution.parts, delivery);
        return verdictOf(waits);
      }
    }
  };
}

const verdictOf = (waits: readonly Wait[]): DeliveryVerdict => {
  const pending = waits.filter((wait) => wait !== undefined);
  return pending.length === 0 ? { verdict: 'done' } : { verdict: 'again', afterMs: Math.max(...pending) };
};
