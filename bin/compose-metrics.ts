// What an operator watches: queues, outbox, dead letters, and what became of events.
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { KINDS, type Kind } from '../actors/domain/envelope';
import type { ConsumerOptions } from '../supervisors/event-consumer';
import type { Books } from './compose-books';
import type { Events } from './compose-events';
import type { KindParts } from './compose-kinds';

export interface Metrics {
  readonly registry: Registry;
  readonly onOutcome: ConsumerOptions['onOutcome'];
  /** Reads these whenever the metrics are asked for. */
  readonly watch: (kinds: Readonly<Record<Kind, KindParts>>, books: Books, events: Events) => void;
}

export function composeMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const outcomes = new Counter({
    name: 'trade_event_outcomes_total',
    help: 'What became of deliveries, by group',
    labelNames: ['group', 'outcome'],
    registers: [registry],
  });
  return {
    registry,
    onOutcome: (group, outcome) => outcomes.inc({ group, outcome }),
    watch(kinds, books, events) {
      const perKind = (name: string, help: string, read: (parts: KindParts) => number): void => {
        const gauge: Gauge = new Gauge({
          name,
          help,
          labelNames: ['kind'],
          registers: [registry],
          collect: () => KINDS.forEach((kind) => gauge.set({ kind }, read(kinds[kind]))),
        });
      };
      perKind('trade_commands_in_flight', 'Commands under way', ({ region }) => region.inFlight);
      perKind('trade_entities', 'Actors in memory', ({ region }) => region.residents);
      perKind('trade_commit_queue', 'Entries that wait for a commit', ({ commitDepth }) => commitDepth());
      const single = (name: string, help: string, read: () => Promise<number>): void => {
        const gauge: Gauge = new Gauge({
          name,
          help,
          registers: [registry],
          // Without its database a figure is unknown, and the others are wanted all the more.
          collect: async () => gauge.set(await read().catch(() => Number.NaN)),
        });
      };
      single('trade_events_under_way', 'Events on their way to the broker', () =>
        Promise.resolve(events.depth()),
      );
      single('trade_dead_letters', 'Events that were given up', async () => {
        const counts = await Promise.all(books.deadLetters.map((letters) => letters.count()));
        return counts.reduce((sum, count) => sum + count, 0);
      });
      single('trade_outbox_unsent', 'Outbox rows that are not sent', async () => {
        const counts = await Promise.all(books.outboxes.map((outbox) => outbox.counts()));
        return counts.reduce((sum, count) => sum + count.unsent, 0);
      });
    },
  };
}
