// What a group makes of an event, after asking those who know (R1: a body is a hint).
import type { Answer, InboxClaim } from '../actors/domain/envelope';

/** One effect of an event for a group, counted and recorded under its own key. */
export interface Part {
  readonly key: string;
  /**
   * Brings the effect about. The actor that has it records the claim in the same commit.
   * @param attempt 2 or more if it may have been tried before
   */
  readonly run: (claim: InboxClaim, attempt: number) => Promise<PartOutcome>;
}

export type PartOutcome =
  | { readonly part: 'done' }
  /** Done, but nobody recorded the claim: the consumer does. */
  | { readonly part: 'without-effect' }
  | { readonly part: 'wait'; readonly reason: string }
  | { readonly part: 'failed'; readonly remark: string };

export type Resolution =
  | { readonly resolved: 'parts'; readonly parts: readonly Part[] }
  /** 'No': done, and nothing remembers it, because the same event may be true one day. */
  | { readonly resolved: 'ignored' }
  | { readonly resolved: 'wait'; readonly reason: string }
  | { readonly resolved: 'failed'; readonly remark: string }
  /** Nobody knows what it speaks of: it fails too, but its own key may be another event's. */
  | { readonly resolved: 'unknown'; readonly remark: string };

/** One group's handling of its events. */
export interface EventHandler {
  /**
   * The keys under which the event itself is counted while it is not known what it comes to, from a body that fits
   * its schema: it is not over before all of them are.
   */
  readonly keysOf: (body: Readonly<Record<string, unknown>>) => readonly string[];
  /** The key under which it is counted while it is unknown; its own, if that can be no other event's. */
  readonly keyWhileUnknown?: (body: Readonly<Record<string, unknown>>) => string;
  readonly resolve: (body: Readonly<Record<string, unknown>>) => Promise<Resolution>;
  /** Called when a part was given up, and again when its event comes once more; then it may be done as well. */
  readonly onParked?: (body: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** What an actor's answer means for the part that asked it. */
export function outcomeOf(answer: Answer): PartOutcome {
  switch (answer.outcome) {
    case 'ok':
      return { part: 'done' };
    case 'refused':
      return { part: 'failed', remark: answer.code };
    case 'retry':
      return { part: 'wait', reason: answer.reason };
    case 'fault':
      return { part: 'failed', remark: answer.message };
  }
}

/** What an answer other than yes means for the event: the owner said no, does not know it, or did not answer. */
export function unresolved(
  answer: Exclude<Answer, { outcome: 'ok' }>,
  unknown: readonly string[],
): Resolution {
  switch (answer.outcome) {
    case 'refused':
      return unknown.includes(answer.code)
        ? { resolved: 'unknown', remark: answer.code }
        : { resolved: 'ignored' };
    case 'retry':
      return { resolved: 'wait', reason: answer.reason };
    case 'fault':
      return { resolved: 'failed', remark: answer.message };
  }
}
