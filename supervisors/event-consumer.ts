// One group of a stream: ask, act, count, park. Three attempts of each effect, counted in the database, then a
// dead letter; what has to wait burns none (promise 3, R10, R11).
import type { Group } from '../actors/domain/events';
import type { InboxClaim } from '../actors/domain/envelope';
import type { Inbox } from '../actors/domain/ports/inbox';
import type { Delivery, DeliveryVerdict } from '../actors/domain/ports/transport';
import { MOST_ATTEMPTS } from '../actors/domain/attempts';
import { WAIT_MS } from './attempts';
import { CountedAttempts, type CountingOptions, type Tell, type Wait } from './counted-attempts';
import { parseBody, type Body } from './event-body';
import type { EventHandler, Part, PartOutcome } from './resolution';

export interface ConsumerOptions extends CountingOptions {
  readonly group: Group;
  readonly handler: EventHandler;
  readonly inbox: Inbox;
  /** Takes a delivery whose event is known to be done, so that nothing has to be looked up. @returns whether it is one */
  readonly takeDone: (delivery: Delivery) => boolean;
}

/**
 * Handles one delivery for a group; rejects only if the database is away, and then no attempt was burnt but one that
 * failed.
 */
export function createEventConsumer(
  options: ConsumerOptions,
): (delivery: Delivery) => Promise<DeliveryVerdict> {
  const { group, handler, inbox, takeDone, clock, logger, onOutcome } = options;
  const attempts = new CountedAttempts(options);

  const claimOf = (key: string, delivery: Delivery): InboxClaim => ({
    group: group.name,
    tag: group.tag,
    key,
    messageId: delivery.messageId,
    body: delivery.body,
  });

  /** Who is told that it was given up. What nobody knows has no owner who should be. */
  const told =
    (body: Body): Tell =>
    () =>
      handler.onParked?.(body) ?? Promise.resolve();
  const nobody: Tell = () => Promise.resolve();

  /** Counts an attempt that failed before the event's parts were known, under the first key that is not over. */
  const failEvent = async (
    keys: readonly string[],
    remark: string,
    delivery: Delivery,
    tell: Tell,
  ): Promise<Wait> => {
    for (const key of new Set(keys)) {
      const claim = claimOf(key, delivery);
      const begun = await attempts.begin(claim, nobody);
      if ('attempt' in begun) return attempts.fail(claim, begun.attempt, remark, tell);
      if (begun.wait !== undefined) return begun.wait;
    }
    await tell();
    return undefined;
  };

  const runPart = async (part: Part, delivery: Delivery, body: Body): Promise<Wait> => {
    const claim = claimOf(part.key, delivery);
    const tell = told(body);
    // A first delivery goes straight to the effect; later ones commit their count first (R11).
    const begun = delivery.redelivered ? await attempts.begin(claim, tell) : undefined;
    if (begun && 'wait' in begun) return begun.wait;
    const outcome = begun
      ? await attempts.during(claim, () => tryPart(part, claim, 2))
      : await tryPart(part, claim, 1);
    switch (outcome.part) {
      case 'without-effect':
        await inbox.finish(claim, clock.now());
        onOutcome(group.name, 'done', begun?.attempt ?? 1);
        return undefined;
      case 'done':
        onOutcome(group.name, 'done', begun?.attempt ?? 1);
        return undefined;
      case 'wait':
        if (begun) await attempts.takeBack(claim);
        return attempts.putOff(claim, outcome.reason);
      case 'failed':
        return begun
          ? attempts.fail(claim, begun.attempt, outcome.remark, tell)
          : attempts.failFirst(claim, outcome.remark, tell);
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
