// Publishes committed outbox rows: at once after their commit, by a sweep after a crash, and once more after a
// reconnect, because the broker may have lost its unsynced tail (R12, promise 5). A row is marked sent on the ack.
// So many rows are held in memory and no more: while the broker is away the others wait in the database, for the sweep.
import type { Logger } from 'pino';
import { messageIdOf, type Stream } from '../actors/domain/events';
import { plusMs } from '../actors/domain/instant';
import { pause } from '../actors/domain/pause';
import type { Clock } from '../actors/domain/ports/clock';
import type { Outbox, OutboxRow } from '../actors/domain/ports/outbox';
import type { Transport } from '../actors/domain/ports/transport';

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly transport: Pick<Transport, 'publish' | 'isConnected'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The most rows on their way at once. */
  readonly concurrency: number;
  readonly sweepEveryMs: number;
  /** Whether this node is the one that looks after what was left behind; each publishes what it commits itself. */
  readonly isKeeper: () => boolean;
  /** The most rows in memory: on their way, or waiting for a place. */
  readonly mostHeld: number;
  readonly onPublished?: (topic: Stream, ok: boolean) => void;
}

/** A row on its way. */
interface Passage {
  readonly row: OutboxRow;
  /** It was sent before, and may have been lost. */
  readonly resent: boolean;
  /** Its groups are done with it. */
  readonly isDone: boolean;
}

/** Rows younger than this are on their way by themselves. */
const LEFT_BEHIND_MS = 2_000;
/** Longer than any statement may take. */
const SECOND_PASS_MS = 45_000;
const PAGE = 500;
/** Nobody waits for the marks: one statement for many costs hardly more than for one. */
const MARKED_AFTER_MS = 50;
const UNHURRIED_MS = 50;
/** How long whoever needs room for a page waits between two looks. */
const LOOK_MS = 20;

export class OutboxRelay {
  private readonly waiting: Passage[] = [];
  private readonly underWay = new Set<string>();
  private readonly unhurried: OutboxRow[] = [];
  private callOffUnhurried: () => void = () => undefined;
  private acknowledged: Passage[] = [];
  /** The batch that is being marked as sent, or removed. */
  private marking: Promise<void> | undefined;
  private running = 0;
  private failures = 0;
  /** Rows that count as sent could not all be sent again: no other sweep would find them. */
  private owed = false;
  private resending: Promise<void> = Promise.resolve();
  private callOffSecond: () => void = () => undefined;
  private hasWarned = false;
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

  /** Takes rows that are not sent; those that it has no room for are left to the sweep. */
  committed(rows: readonly OutboxRow[]): void {
    this.takeNew(rows, false);
  }

  /**
   * Takes rows whose groups are done with them already. Nobody waits for their events, and broker and groups are woken once
   * for all of a moment. Once they are published nothing keeps them.
   */
  committedAndDone(rows: readonly OutboxRow[]): void {
    if (this.unhurried.length === 0) {
      this.callOffUnhurried = this.options.clock.later(UNHURRIED_MS, () =>
        this.takeNew(this.unhurried.splice(0), true),
      );
    }
    this.unhurried.push(...rows);
  }

  /**
   * Sends again everything that was sent and is kept: the broker may have lost it, and nobody can say since when. What
   * all groups are done with is gone by then, and a group recognises what it is done with.
   */
  resend(): Promise<void> {
    this.callOffSecond();
    // Another node may be marking now what it was told of before the loss.
    this.callOffSecond = this.options.clock.later(SECOND_PASS_MS, () => (this.owed = true));
    return this.resendOnce();
  }

  async stop(withinMs: number): Promise<void> {
    const { clock } = this.options;
    this.stopped = true;
    this.callOff();
    this.callOffSecond();
    this.callOffUnhurried();
    this.waiting.length = 0;
    const end = clock.monotonicMs() + withinMs;
    while ((this.running > 0 || this.marking !== undefined) && clock.monotonicMs() < end) {
      await pause(clock, LOOK_MS);
    }
  }

  get depth(): number {
    return this.underWay.size;
  }

  /** One at a time: each needs room for a page. */
  private resendOnce(): Promise<void> {
    const resent = this.resending.then(() => this.resendKept());
    this.resending = resent.catch(() => undefined);
    return resent;
  }

  private async resendKept(): Promise<void> {
    // What was acknowledged by then is in these two batches; not marked yet, it would be overlooked for good.
    await this.marking;
    await this.marking;
    this.owed = false;
    try {
      for (let after = '0'; !this.stopped;) {
        const rows = await this.options.outbox.sent(after, PAGE);
        const last = rows.at(-1);
        if (!last) return;
        await this.fallTo(this.options.mostHeld - rows.length);
        this.take(rows, { resent: true, isDone: false });
        after = last.id;
      }
    } catch (error) {
      this.owed = true;
      throw error;
    }
  }

  private async sweep(): Promise<void> {
    if (this.sweeping || this.stopped) return;
    this.sweeping = true;
    this.hasWarned = false;
    const { clock, outbox, logger, transport, isKeeper } = this.options;
    const { failures } = this;
    try {
      // What an outage has left is many pages: one follows the other for as long as they leave.
      if (this.owed && transport.isConnected()) await this.resendOnce();
      while (isKeeper() && transport.isConnected() && this.failures === failures && !this.hasStopped()) {
        const rows = await outbox.unsent(plusMs(clock.now(), -LEFT_BEHIND_MS), PAGE);
        this.committed(rows);
        if (rows.length < PAGE) break;
        await this.fallTo(Math.min(PAGE, this.options.mostHeld) / 2);
      }
    } catch (error) {
      logger.warn({ err: error }, 'the outbox cannot be swept now');
    } finally {
      this.sweeping = false;
    }
  }

  private hasStopped(): boolean {
    return this.stopped;
  }

  /** Waits until no more than so many rows are held. */
  private async fallTo(count: number): Promise<void> {
    while (this.underWay.size > count && !this.stopped) {
      await pause(this.options.clock, LOOK_MS);
    }
  }

  private takeNew(rows: readonly OutboxRow[], isDone: boolean): void {
    if (this.options.transport.isConnected()) this.take(rows, { resent: false, isDone });
  }

  private take(rows: readonly OutboxRow[], how: Pick<Passage, 'resent' | 'isDone'>): void {
    for (const row of rows) {
      if (this.underWay.size >= this.options.mostHeld) {
        if (how.resent) this.owed = true;
        break;
      }
      if (this.underWay.has(row.id)) continue;
      this.underWay.add(row.id);
      this.waiting.push({ row, ...how });
    }
    this.pump();
  }

  private pump(): void {
    while (!this.stopped && this.running < this.options.concurrency) {
      const next = this.waiting.shift();
      if (!next) return;
      this.running += 1;
      void this.send(next).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }

  private async send(passage: Passage): Promise<void> {
    const { transport, clock, onPublished } = this.options;
    const { row, resent } = passage;
    const { topic, tag, key, body, producerGroup } = row.event;
    // A redriven or replayed event must not be swallowed by the broker as a repeat of the first.
    const suffix = row.replayed
      ? `:${row.id}:${clock.now()}`
      : producerGroup === 'redrive'
        ? `:${row.id}`
        : '';
    const messageId = `${messageIdOf(row.event)}${suffix}`;
    try {
      await transport.publish({ stream: topic, tag, messageId, body: JSON.stringify(body) });
      onPublished?.(topic, true);
      this.acknowledged.push(passage);
      void this.mark();
    } catch (error) {
      this.underWay.delete(row.id);
      onPublished?.(topic, false);
      this.failures += 1;
      if (resent) this.owed = true;
      this.warn({ err: error, topic, tag, key });
    }
  }

  /** Once between two sweeps: while the broker is away thousands fail for the same reason. */
  private warn(details: object): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.options.logger.warn(details, 'an event could not be published, nor may others; the sweep will');
  }

  /** Marks or removes what was acknowledged, all that came together at once. */
  private async mark(): Promise<void> {
    if (this.marking) return;
    while (this.acknowledged.length > 0) {
      this.marking = this.markTogether();
      await this.marking;
    }
    this.marking = undefined;
  }

  private async markTogether(): Promise<void> {
    const { outbox, clock, logger } = this.options;
    await pause(clock, MARKED_AFTER_MS);
    const all = this.acknowledged;
    this.acknowledged = [];
    const done = idsOf(all.filter(({ isDone }) => isDone));
    const sent = idsOf(all.filter(({ isDone }) => !isDone));
    try {
      if (done.length > 0) await outbox.remove(done);
      if (sent.length > 0) await outbox.markSent(sent, clock.now());
    } catch (error) {
      // They stay unsent and go out once more, which is harmless, but not at once.
      this.failures += 1;
      logger.warn({ err: error, rows: all.length }, 'published events could not be marked as sent');
    }
    for (const { row } of all) this.underWay.delete(row.id);
  }
}

const idsOf = (passages: readonly Passage[]): readonly string[] => passages.map(({ row }) => row.id);
