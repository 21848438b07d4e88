// One group of a stream: ask, act, count, park. Three attempts of each effect, counted in the database, then a
// dead letter; what has to wait burns none (promise 3, R10, R11).
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import type { Group } from '../actors/domain/events';
import type { InboxClaim } from '../actors/domain/envelope';
import type { Clock, Delivery, DeliveryVerdict, Inbox } from '../actors/domain/ports';
import { EVENT_BODIES } from '../actors/domain/schemas';
import { MOST_ATTEMPTS } from '../actors/domain/attempts';
import { afterFailure, WAIT_MS } from './attempts';
import type { EventHandler, Part, PartOutcome } from './resolution';

export type EventOutcome = 'done' | 'ignored' | 'wait' | 'failed' | 'parked';

export interface ConsumerOptions {
  readonly group: Group;
  readonly handler: EventHandler;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @param attempt the number of the attempt that ended so; 0 where none was burnt */
  readonly onOutcome: (group: string, outcome: EventOutcome, attempt: number) => void;
}

type Body = Readonly<Record<string, unknown>>;

/** How long the longest of several has to wait; undefined if all are done. */
type Wait = number | undefined;

const validators = {
  order_confirm: Compile(EVENT_BODIES.order_confirm),
  order_cancel: Compile(EVENT_BODIES.order_cancel),
  pay_status: Compile(EVENT_BODIES.pay_status),
  pay_refund: Compile(EVENT_BODIES.pay_refund),
};

/** Handles one delivery for a group; rejects only if the database is away, and then nothing was counted. */
export function createEventConsumer(
  options: ConsumerOptions,
): (delivery: Delivery) => Promise<DeliveryVerdict> {
  const { group, handler, inbox, clock, logger, onOutcome } = options;

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

  /** Counts a failed attempt; `counted` is its number if it was counted before it began. */
  const fail = async (
    claim: InboxClaim,
    counted: number | undefined,
    remark: string,
    tell: () => Promise<void>,
  ): Promise<Wait> => {
    const attempt = counted ?? (await inbox.claim(claim, clock.now()));
    if (attempt === undefined) return endedBefore(tell);
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
    const keys = [handler.keyOf(body), handler.keyWhileUnknown?.(body)];
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
    const body = parse(group.tag, delivery.body);
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
        return verdictOf([
          await fail(claimOf(handler.keyOf(body), delivery), undefined, resolution.remark, told(body)),
        ]);
      case 'unknown': {
        const key = handler.keyWhileUnknown?.(body) ?? handler.keyOf(body);
        return verdictOf([await fail(claimOf(key, delivery), undefined, resolution.remark, nobody)]);
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

/** @returns the body, or what is wrong with it */
function parse(tag: Group['tag'], text: string): Body | string {
  if (text.trim() === '') return 'SHOP_MQ_MESSAGE_BODY_IS_EMPTY';
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'SHOP_REQUEST_PARAMETER_VALID: not JSON';
  }
  const validator = validators[tag];
  if (validator.Check(body)) return body;
  const [first] = validator.Errors(body);
  return `SHOP_REQUEST_PARAMETER_VALID: ${first ? `${first.instancePath || '/'} ${first.message}` : ''}`;
}
