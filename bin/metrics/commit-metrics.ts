// What is written: flushes and their entries, and what the sagas come to, counted when it is committed and not before.
import { Histogram, type Registry } from 'prom-client';
import type { Kind } from '../../actors/domain/envelope';
import type { OrderFact } from '../../actors/domain/order';
import { OrderStatus, type Order } from '../../actors/domain/order-state';
import type { Fate, StoreEntry } from '../../actors/domain/ports/store';
import { isRefusedByDatabase } from '../../persistence/sql-errors';
import { counterIn } from './counter';

interface Writing<State, Fact> {
  write(batch: readonly StoreEntry<State, Fact>[]): Promise<readonly Fate[]>;
}

export interface CommitMetrics {
  /** Counts the flushes of a store. */
  countWrites<AnyStore extends Writing<unknown, unknown>>(
    kind: Kind | 'joint' | 'booking',
    store: AnyStore,
  ): AnyStore;
  /** Counts what the facts of orders say of sagas and compensations. */
  countSagas<AnyStore extends Writing<Order, OrderFact>>(store: AnyStore): AnyStore;
}

export function createCommitMetrics(registry: Registry): CommitMetrics {
  const counter = counterIn(registry);
  const flushes = counter(
    'trade_commits_total',
    'Flushes by kind and outcome: ok, refused (run again one by one) or unavailable',
    'kind',
    'outcome',
  );
  const entries = counter(
    'trade_commit_entries_total',
    'Entries of flushes by kind and fate; failed flushes have none',
    'kind',
    'fate',
  );
  const seconds = new Histogram({
    name: 'trade_commit_seconds',
    help: 'How long flushes take',
    labelNames: ['kind'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers: [registry],
  });
  return {
    countWrites: (kind, store) => ({
      ...store,
      async write(batch: readonly StoreEntry<unknown, unknown>[]) {
        const end = seconds.startTimer({ kind });
        try {
          const fates = await store.write(batch);
          flushes.inc({ kind, outcome: 'ok' });
          for (const fate of ['applied', 'stale', 'conflict'] as const) {
            const count = fates.filter((one) => one === fate).length;
            if (count > 0) entries.inc({ kind, fate }, count);
          }
          return fates;
        } catch (error) {
          flushes.inc({ kind, outcome: isRefusedByDatabase(error) ? 'refused' : 'unavailable' });
          throw error;
        } finally {
          end();
        }
      },
    }),
    countSagas: sagaCounter(registry),
  };
}

function sagaCounter(registry: Registry): CommitMetrics['countSagas'] {
  const counter = counterIn(registry);
  const rounds = counter(
    'trade_saga_rounds_total',
    'Rounds of steps of orders by attempt and outcome: confirmed, ended or again',
    'attempt',
    'outcome',
  );
  const ended = counter(
    'trade_orders_ended_total',
    'Orders that were cancelled, invalid or refunded, by the name of their code',
    'code',
  );
  const compensations = counter(
    'trade_compensations_total',
    'Compensations of orders by what became of them: begun, done or failed',
    'outcome',
  );
  const count = (fact: OrderFact, before: Order | undefined): void => {
    const attempt = before?.attempts ?? 1;
    switch (fact.type) {
      case 'OrderConfirmed':
        rounds.inc({ attempt, outcome: 'confirmed' });
        return;
      case 'AttemptBegun':
        rounds.inc({ attempt, outcome: 'again' });
        return;
      case 'OrderEnded':
        if (before?.status === OrderStatus.unconfirmed) rounds.inc({ attempt, outcome: 'ended' });
        ended.inc({ code: fact.code });
        compensations.inc({ outcome: 'begun' });
        return;
      case 'OrderRefunded':
        ended.inc({ code: 'refunded' });
        compensations.inc({ outcome: 'begun' });
        return;
      case 'CompensationFinished':
        compensations.inc({ outcome: fact.failed ? 'failed' : 'done' });
        return;
      case 'OrderPlaced':
      case 'PaymentOpened':
      case 'PaymentClosed':
      case 'OrderPaid':
      case 'OrderShipped':
    }
  };
  const countAll = ({ facts, before }: StoreEntry<Order, OrderFact>): void =>
    facts.forEach((fact) => count(fact, before));
  return (store) => ({
    ...store,
    async write(batch: readonly StoreEntry<Order, OrderFact>[]) {
      const fates = await store.write(batch);
      batch.forEach((entry, place) => {
        if (fates[place] !== 'conflict') countAll(entry);
      });
      return fates;
    },
  });
}
