// What an operator watches: how commands, commits, events and platform calls end, what is under way, and what the
// books say. Everything is counted from outside, around the parts, and by labels of which there are few.
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Operations } from '../actors/domain/operations';
import type { PaymentGateway } from '../actors/domain/ports/payment-gateway';
import type { Transport } from '../actors/domain/ports/transport';
import type { FrontAdmission } from '../actors/front-door/admission';
import type { ConsumerOptions } from '../supervisors/event-consumer';
import type { RouterListener } from '../supervisors/router';
import type { RelayOptions } from '../transport/outbox-relay';
import type { Books } from './compose-books';
import type { Events } from './compose-events';
import type { Kinds } from './compose-kinds';
import type { SharedOwnership } from '../supervisors/shared-ownership';
import { addBookMetrics } from './metrics/book-metrics';
import { addClusterMetrics } from './metrics/cluster-metrics';
import { createCommandMetrics } from './metrics/command-metrics';
import { createCommitMetrics, type CommitMetrics } from './metrics/commit-metrics';
import { counterIn } from './metrics/counter';
import { gaugesIn } from './metrics/gauge';
import { createPlatformMetrics } from './metrics/platform-metrics';

/** Where somebody was told SHOP_BUSY, or a command 'busy'. */
export type BusyPlace = 'http' | 'nats' | 'operators' | 'connections' | 'region';

export interface Metrics {
  readonly registry: Registry;
  readonly commands: RouterListener;
  readonly commits: CommitMetrics;
  readonly onOutcome: ConsumerOptions['onOutcome'];
  readonly onPublished: NonNullable<RelayOptions['onPublished']>;
  readonly onBusy: (place: BusyPlace) => void;
  /** Counts the calls to platforms. */
  readonly countCalls: (gateways: ReadonlyMap<string, PaymentGateway>) => ReadonlyMap<string, PaymentGateway>;
  /** Counts what is re-driven by this node. */
  readonly countRedrives: (operations: Operations) => Operations;
  /** Reads these whenever the metrics are asked for. */
  readonly watch: (parts: Watched) => void;
}

export interface Watched {
  readonly kinds: Kinds;
  readonly books: Books;
  readonly ownership: SharedOwnership;
  readonly events: Pick<Events, 'depth'>;
  readonly transport: Pick<Transport, 'isConnected' | 'onReconnect'>;
  readonly admission: FrontAdmission;
}

export function composeMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = counterIn(registry);
  const outcomes = counter(
    'trade_event_outcomes_total',
    'What became of attempts at events, by group; attempt 0 is one that burnt none',
    'group',
    'outcome',
    'attempt',
  );
  const publishes = counter('trade_event_publishes_total', 'Events handed to the broker', 'topic', 'outcome');
  const busy = counter('trade_busy_total', 'Who found no place, by where', 'place');
  const redriven = counter('trade_redriven_total', 'Dead letters that were re-driven by this node');
  const onBusy = (place: BusyPlace): void => busy.inc({ place });
  return {
    registry,
    commands: createCommandMetrics(registry),
    commits: createCommitMetrics(registry),
    onOutcome: (group, outcome, attempt) => outcomes.inc({ group, outcome, attempt }),
    onPublished: (topic, ok) => publishes.inc({ topic, outcome: ok ? 'ok' : 'failed' }),
    onBusy,
    countCalls: createPlatformMetrics(registry),
    countRedrives: (operations) => ({
      ...operations,
      redrive: async (which) => {
        const count = await operations.redrive(which);
        redriven.inc(count);
        return count;
      },
    }),
    watch: (parts) => watch(registry, parts),
  };
}

function watch(registry: Registry, parts: Watched): void {
  const { kinds, books, events, transport, admission } = parts;
  const { single, perKind } = gaugesIn(registry);
  perKind('trade_commands_in_flight', 'Commands under way', (kind) => kinds.of[kind].region.inFlight);
  perKind('trade_entities', 'Actors in memory', (kind) => kinds.of[kind].region.residents);
  perKind('trade_commit_queue', 'Entries that wait for a commit', (kind) => kinds.of[kind].commitDepth());
  single('trade_joint_commit_queue', 'Orders and payments that wait for a joint commit', () =>
    kinds.jointDepth(),
  );
  single('trade_events_under_way', 'Events on their way to the broker', () => events.depth());
  single('trade_nats_in_flight', 'Requests under way that came over NATS', () => admission.under('nats'));
  single('trade_broker_connected', 'Whether the broker is there', () => (transport.isConnected() ? 1 : 0));
  const reconnects = counterIn(registry)(
    'trade_broker_reconnects_total',
    'How often the connection to the broker was made again',
  );
  transport.onReconnect(() => reconnects.inc());
  addBookMetrics(registry, books);
  addClusterMetrics(registry, parts.ownership);
}
