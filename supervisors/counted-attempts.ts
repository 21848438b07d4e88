// The attempts at an event's effects, counted in the database: the third failure parks it, what has to wait burns none,
// and of several copies that come again one is tried at a time (promise 3, R10, R11).
import type { Logger } from 'pino';
import type { InboxClaim } from '../actors/domain/envelope';
import { RetryableError } from '../actors/domain/errors';
import { pause } from '../actors/domain/pause';
import type { Clock } from '../actors/domain/ports/clock';
import type { Inbox } from '../actors/domain/ports/inbox';
import { afterFailure, WAIT_MS } from './attempts';

export type EventOutcome = 'done' | 'ignored' | 'wait' | 'failed' | 'parked';

/** After how many milliseconds a part comes again; undefined if it is over. */
export type Wait = number | undefined;

/** Tells whoever has to know that a part was given up. */
export type Tell = () => Promise<void>;

export interface CountingOptions {
  readonly inbox: Pick<Inbox, 'claim' | 'keep' | 'unclaim' | 'fail'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the node ends, so that nothing may be waited for any more. */
  readonly isStopping: () => boolean;
  /** @param attempt the number of the attempt that ended so; 0 where none was burnt */
  readonly onOutcome: (group: string, outcome: EventOutcome, attempt: number) => void;
}

/** How often is said that an attempt is under way, which it counts as for three times as long. */
const KEEP_EVERY_MS = 5_000;

/** An attempt that may begin, or how long to wait with it. */
export type Begun = { readonly attempt: number } | { readonly wait: Wait };

export class CountedAttempts {
  constructor(private readonly options: CountingOptions) {}

  /** Counts an attempt before it begins. @param tell is called if it was given up before: its owner may have begun anew */
  async begin(claim: InboxClaim, tell: Tell): Promise<Begun> {
    const { inbox, clock } = this.options;
    const attempt = await inbox.claim(claim, clock.now());
    if (attempt === 'busy') return { wait: this.putOff(claim, 'another copy of it is being tried') };
    if (attempt !== 'over') return { attempt };
    await tell();
    return { wait: undefined };
  }

  /** Carries out an attempt that was counted, and says meanwhile that it is under way. */
  async during<Outcome>(claim: InboxClaim, attempt: () => Promise<Outcome>): Promise<Outcome> {
    const { inbox, clock } = this.options;
    let callOff = (): void => undefined;
    const keepOn = (): void => {
      callOff = clock.later(KEEP_EVERY_MS, () => {
        // While the database is away nobody else can begin one either.
        inbox.keep(claim, clock.now()).catch(() => undefined);
        keepOn();
      });
    };
    keepOn();
    return attempt().finally(() => callOff());
  }

  /** Counts a failed attempt that was not counted before it began. */
  async failFirst(claim: InboxClaim, remark: string, tell: Tell): Promise<Wait> {
    const begun = await this.begin(claim, tell);
    return 'attempt' in begun ? this.fail(claim, begun.attempt, remark, tell) : begun.wait;
  }

  /** Ends an attempt as failed: it comes again, or is parked. */
  async fail(claim: InboxClaim, attempt: number, remark: string, tell: Tell): Promise<Wait> {
    const { inbox, clock, logger, onOutcome } = this.options;
    const attempts = await inbox.fail(claim, attempt, remark, clock.now());
    const next = afterFailure(attempts);
    const { group, tag, key } = claim;
    if (next.next === 'again') {
      onOutcome(group, 'failed', attempts);
      logger.warn({ group, tag, key, attempts, remark }, 'an event failed and will be tried again');
      return next.afterMs;
    }
    onOutcome(group, 'parked', attempts);
    logger.error({ group, tag, key, attempts, remark }, 'an event was given up: see the dead letters');
    await tell();
    return undefined;
  }

  /** Takes back an attempt that had to wait, however long the database is away: nobody else would. */
  async takeBack(claim: InboxClaim): Promise<void> {
    const { inbox, clock, logger, isStopping } = this.options;
    for (let tries = 1; ; tries += 1) {
      try {
        await inbox.unclaim(claim);
        return;
      } catch (error) {
        if (!(error instanceof RetryableError) || isStopping()) throw error;
        const { group, key } = claim;
        if (tries === 1) logger.warn({ err: error, group, key }, 'an attempt cannot be taken back now');
        await pause(clock, WAIT_MS);
      }
    }
  }

  /** It comes again, and no attempt is burnt. */
  putOff({ group, key }: Pick<InboxClaim, 'group' | 'key'>, reason: string): Wait {
    const { logger, onOutcome } = this.options;
    onOutcome(group, 'wait', 0);
    logger.debug({ group, key, reason }, 'an event waits');
    return WAIT_MS;
  }
}
