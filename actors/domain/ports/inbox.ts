// What each group has done with each event, and what it gave up (R11).
import type { InboxClaim, Instant } from '../envelope';

export interface ConsumptionKey {
  readonly group: string;
  readonly tag: string;
  readonly key: string;
}

export type ConsumptionState = 'running' | 'done' | 'parked';

export interface Inbox {
  /**
   * Commits that one more attempt begins, before it is tried (R11).
   * @returns its number; `over` if the event is done or parked; `busy` while an attempt of another copy is under way
   */
  claim(claim: InboxClaim, at: Instant): Promise<number | 'over' | 'busy'>;
  /** Says that the attempt that `claim` counted is still under way, which it counts as for 15 s. */
  keep(key: ConsumptionKey, at: Instant): Promise<void>;
  /** Takes back the attempt that `claim` counted: it had to wait and burns none (R10). */
  unclaim(key: ConsumptionKey): Promise<void>;
  /** Records a failed attempt; the third parks the event. @returns attempts so far */
  fail(claim: InboxClaim, attempt: number, remark: string, at: Instant): Promise<number>;
  /** Parks at once: it will not get better by trying. */
  park(claim: InboxClaim, remark: string, at: Instant): Promise<void>;
  /** Records that this group is done with an event that has no effect of its own. */
  finish(claim: InboxClaim, at: Instant): Promise<void>;
  /** Forgets what was counted for an event that has no effect after all; what is done or parked stays. */
  withdraw(key: ConsumptionKey): Promise<void>;
  /** Where these stand; what is not listed has not begun. */
  states(group: string, tag: string, keys: readonly string[]): Promise<ReadonlyMap<string, ConsumptionState>>;
}

export interface DeadLetter {
  readonly group: string;
  readonly tag: string;
  readonly key: string;
  readonly body: string;
  readonly attempts: number;
  readonly remark: string;
  readonly time: Instant;
}

/** An event that is neither done nor given up: it failed and comes again, or is being tried, or was re-driven. */
export interface RetriedEvent extends DeadLetter {
  /** Not before then; undefined: as soon as it is delivered. */
  readonly nextTime: Instant | undefined;
}

export interface DeadLetters {
  list(limit: number, after?: string): Promise<readonly DeadLetter[]>;
  /** What is tried again by itself. */
  retrying(limit: number, after?: string): Promise<readonly RetriedEvent[]>;
  /** Counts from nothing again and queues the event once more, in one commit. @returns how many were re-driven */
  redrive(which: Partial<ConsumptionKey>, at: Instant): Promise<number>;
  count(): Promise<{ readonly parked: number; readonly retrying: number }>;
}
