// Events that were committed with what they tell of, until every group is done with them (R12).
import type { Instant } from '../envelope';
import type { OutboxEvent, Stream } from '../events';

export interface OutboxRow {
  readonly id: string;
  readonly event: OutboxEvent;
  readonly createTime: Instant;
  /** It was sent once and is to go out again: not sent, but with a time of sending. */
  readonly replayed: boolean;
}

/** A row that was sent, and is kept until every group is done with its event. */
export interface SentRow extends OutboxRow {
  readonly sentTime: Instant;
}

export interface Outbox {
  /** Rows not sent yet and older than the given moment, oldest first. */
  unsent(before: Instant, limit: number): Promise<readonly OutboxRow[]>;
  /** Rows that were sent and are still kept, by id, from the one after this (R12). */
  sent(after: string, limit: number): Promise<readonly SentRow[]>;
  markSent(ids: readonly string[], at: Instant): Promise<void>;
  /** Sent rows for their groups to be asked about, from where the call before ended; after the last the first follow again. */
  toSettle(limit: number): Promise<readonly SentRow[]>;
  /** Marks sent rows as not sent, so that they go out again, as events that the broker takes for no repeat. */
  sendAgain(ids: readonly string[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** Marks sent rows of this topic (of one key, if given) as not sent, so that they go out again. @returns how many */
  replay(topic: Stream, key?: string): Promise<number>;
  counts(): Promise<{
    readonly unsent: number;
    readonly sent: number;
    readonly oldestUnsent: Instant | undefined;
  }>;
}
