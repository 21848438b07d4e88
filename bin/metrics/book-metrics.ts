// What the books say whenever the metrics are asked for: all of it by indexes that hold only what is open. A figure
// whose database is away is NaN, and the others are shown all the same.
import { Gauge, type Registry } from 'prom-client';
import { countOpenRefunds } from '../../persistence/open-refunds';
import { countStuck, type StuckCounts } from '../../persistence/stuck-orders';
import type { Books } from '../compose-books';
import { systemClock } from '../system-clock';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const REFUND_STATES = ['refund due', 'requested', 'failed', 'mismatch'];

export function addBookMetrics(registry: Registry, books: Books): void {
  const registers = [registry];

  /** Figures that are read together, one a value of the label. */
  const group = (
    name: string,
    help: string,
    label: string,
    values: readonly string[],
    read: () => Promise<(value: string) => number>,
  ): void => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      collect: async () => {
        const figure = await read().catch(() => () => Number.NaN);
        for (const value of values) gauge.set({ [label]: value }, figure(value));
      },
    });
  };
  const single = (name: string, help: string, read: () => Promise<number>): void => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: async () => gauge.set(await read().catch(() => Number.NaN)),
    });
  };

  const states: Readonly<Record<string, keyof StuckCounts>> = {
    'placing overdue': 'placing',
    'expiry overdue': 'unpaid',
    'compensation running': 'running',
    'compensation failed': 'failed',
  };
  group(
    'trade_stuck_orders',
    'Orders that `trade orders stuck` lists, by state',
    'state',
    Object.keys(states),
    async () => {
      const counts = await countStuck(books.readers.order, systemClock.now());
      return (state) => counts[states[state] ?? 'failed'];
    },
  );
  group(
    'trade_open_refunds',
    'Transactions whose money has not gone back, by state',
    'state',
    REFUND_STATES,
    async () => {
      const counts = await countOpenRefunds(books.readers.payment);
      return (state) => counts.get(state) ?? 0;
    },
  );
  const letters = async (which: 'parked' | 'retrying'): Promise<number> =>
    sum((await Promise.all(books.deadLetters.map((part) => part.count()))).map((count) => count[which]));
  single('trade_dead_letters', 'Events that were given up', () => letters('parked'));
  single('trade_events_retrying', 'Events that failed or were re-driven and come again', () =>
    letters('retrying'),
  );
  const outboxes = () => Promise.all(books.outboxes.map((outbox) => outbox.counts()));
  single('trade_outbox_unsent', 'Outbox rows that are not sent', async () =>
    sum((await outboxes()).map((counts) => counts.unsent)),
  );
  single(
    'trade_outbox_oldest_unsent_seconds',
    'How long the oldest row has waited for the broker',
    async () => {
      const [oldest] = (await outboxes()).flatMap((counts) => counts.oldestUnsent ?? []).sort();
      return oldest === undefined ? 0 : Math.max(0, (systemClock.nowMs() - Date.parse(oldest)) / 1_000);
    },
  );
}
