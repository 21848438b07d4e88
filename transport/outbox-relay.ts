// Publishes committed outbox rows: at once after their commit, by a sweep after a crash, and once more after a
// reconnect, because the broker may have lost its unsynced tail (R12, promise 5). A row is marked sent on the ack.
import type { Logger } from 'pino';
import type { Stream } from '../actors/domain/events';
import { plusMs } from '../actors/domain/instant';
import type { Clock, Outbox, OutboxRow, Transport } from '../actors/domain/ports';

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly transport: Pick<Transport, 'publish'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The most rows on their way at once. */
  readonly concurrency: number;
  readonly sweepEveryMs: number;
  /** Whether this node is the one that looks after what was left behind; each publishes what it commits itself. */
  readonly isKeeper: () => boolean;
}

/** Rows younger than this are on their way by themselves. */
const LEFT_BEHIND_MS = 2_000;
/** JetStream syncs its files every two minutes; a little more is sent again after a reconnect. */
const UNSYNCED_MS = 150_000;
const PAGE = 500;

export class OutboxRelay {
  private readonly waiting: OutboxRow[] = [];
  private readonly underWay = new Set<string>();
  private acknowledged: string[] = [];
  /** The batch that is being marked as sent. */
  private marking: Promise<void> | undefined;
  private running = 0;
  private stopped = false;
  private sweeping = false;
  private callOff: () => void = () => undefined;

  constructor(private readonly options: RelayOptions) {}

  /** Starts the sweep; what an earlier life left unsent goes out now. */
  start(): void {
    const sweepAndRepeat = (): void => {
      void this.sweep().finally(() => {
        if (!this.stopped) this.callOff = this.options.clock.later(this.options.sweepEveryMs, sweepAndRepeat);
      });
    };
    sweepAndRepeat();
  }

  /** Takes rows that were just committed. */
  committed(rows: readonly OutboxRow[]): void {
    for (const row of rows) {
      if (this.underWay.has(row.id)) continue;
      this.underWay.add(row.id);
      this.waiting.push(row);
    }
    this.pump();
  }

  /**
   * Sends again what the broker may have lost.
   * @param lost streams that are gone or new: everything of theirs that is kept goes out again
   */
  async resend(lost: readonly Stream[]): Promise<void> {
    const { clock, outbox, isKeeper } = this.options;
    if (!isKeeper()) return;
    // What was acknowledged by then is in these two batches; not marked yet, it would be overlooked for good.
    await this.marking;
    await this.marking;
    await this.resendPages((after) => outbox.sentSince(plusMs(clock.now(), -UNSYNCED_MS), [], after, PAGE));
    if (lost.length > 0) await this.resendPages((after) => outbox.sentSince(undefined, lost, after, PAGE));
  }

  async stop(withinMs: number): Promise<void> {
    const { clock } = this.options;
    this.stopped = true;
    this.callOff();
    this.waiting.length = 0;
    const end = clock.nowMs() + withinMs;
    while ((this.running > 0 || this.marking !== undefined) && clock.nowMs() < end) {
      await new Promise<void>((resolve) => void clock.later(20, resolve));
    }
  }

  get depth(): number {
    return this.underWay.size;
  }

  private async resendPages(read: (after: string) => Promise<readonly OutboxRow[]>): Promise<void> {
    for (let after = '0'; !this.stopped;) {
      const rows = await read(after);
      const last = rows.at(-1);
      if (!last) return;
      this.committed(rows);
      after = last.id;
    }
  }

  private async sweep(): Promise<void> {
    if (this.sweeping || this.stopped || !this.options.isKeeper()) return;
    this.sweeping = true;
    const { clock, outbox, logger } = this.options;
    try {
      this.committed(await outbox.unsent(plusMs(clock.now(), -LEFT_BEHIND_MS), PAGE));
    } catch (error) {
      logger.warn({ err: error }, 'the outbox cannot be swept now');
    } finally {
      this.sweeping = false;
    }
  }

  private pump(): void {
    while (!this.stopped && this.running < this.options.concurrency) {
      const row = this.waiting.shift();
      if (!row) return;
      this.running += 1;
      void this.send(row).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }

  private async send(row: OutboxRow): Promise<void> {
    const { transport, logger, clock } = this.options;
    const { topic, tag, key, body, producerGroup } = row.event;
    // A redriven or replayed event must not be swallowed by the broker as a repeat of the first.
    const again = row.replayed || producerGroup === 'redrive';
    const messageId = `${tag}:${key}${again ? `:${row.id}:${clock.now()}` : ''}`;
    try {
      await transport.publish({ stream: topic, tag, messageId, body: JSON.stringify(body) });
      this.acknowledged.push(row.id);
      void this.mark();
    } catch (error) {
      this.underWay.delete(row.id);
      logger.warn({ err: error, topic, tag, key }, 'an event could not be published; the sweep will');
    }
  }

  /** Marks what was acknowledged, all that came together in one statement. */
  private async mark(): Promise<void> {
    if (this.marking) return;
    while (this.acknowledged.length > 0) {
      const ids = this.acknowledged;
      this.acknowledged = [];
      this.marking = this.markSent(ids);
      await this.marking;
    }
    this.marking = undefined;
  }

  private async markSent(ids: readonly string[]): Promise<void> {
    const { outbox, clock, logger } = this.options;
    try {
      await outbox.markSent(ids, clock.now());
    } catch (error) {
      // They stay unsent and go out once more, which is harmless.
      logger.warn({ err: error, rows: ids.length }, 'published events could not be marked as sent');
    }
    for (const id of ids) this.underWay.delete(id);
  }
}
