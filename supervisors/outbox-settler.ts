// An outbox row goes when every group is done with its event or has parked it, never by age (R12). With the
// last group of an order_cancel the order learns how its compensation ended. What the broker has lost is sent again.
import type { Logger } from 'pino';
import { groupsOf, type Group, type KnownGroup } from '../actors/domain/events';
import { id, isId, type OrderId } from '../actors/domain/ids';
import type { Kind } from '../actors/domain/envelope';
import { plusMs } from '../actors/domain/instant';
import type { Clock } from '../actors/domain/ports/clock';
import type { ConsumptionState, Inbox } from '../actors/domain/ports/inbox';
import type { Outbox, OutboxRow, SentRow } from '../actors/domain/ports/outbox';
import type { Router } from '../actors/domain/ports/router';
import type { Transport } from '../actors/domain/ports/transport';
import { keysOf } from '../actors/domain/consumption-keys';
import { lostEvents } from './lost-events';
import { repeat, type Repeating } from './repeating';

export interface SettlerOptions {
  readonly outbox: Outbox;
  /** The inbox in the database of a kind. */
  readonly inboxOf: (kind: Kind) => Inbox;
  readonly transport: Pick<Transport, 'outstanding' | 'isConnected'>;
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: number;
  /** Whether this node is the one that looks after this database. */
  readonly isKeeper: () => boolean;
}

/** How far a group is with each key. */
type States = ReadonlyMap<string, ConsumptionState>;

/** Rows, and how far each group of their events is with them. */
interface Progress {
  readonly rows: readonly SentRow[];
  readonly groups: readonly { readonly group: KnownGroup; readonly states: States }[];
}

const PAGE = 500;
/** Longer than a broker that was away for a moment takes to be sent again what it lost, shorter than what is lost is missed. */
const CHANCE_MS = 60_000;

export function startOutboxSettler(options: SettlerOptions): Repeating {
  const { outbox, inboxOf, transport, router, clock, logger } = options;
  const round = async (isStopped: () => boolean): Promise<void> => {
    while (options.isKeeper()) {
      const rows = await outbox.toSettle(PAGE);
      const progress = await progressOf(rows);
      const settled = await settle(progress);
      if (settled.length > 0) await outbox.remove(settled.map((row) => row.id));
      await sendLost(progress);
      if (rows.length < PAGE || settled.length === 0 || isStopped()) return;
    }
  };

  /** By tag, since all events of a tag have the same groups. */
  const progressOf = (rows: readonly SentRow[]): Promise<readonly Progress[]> =>
    Promise.all(
      [...new Set(rows.map((row) => row.event.tag))].map(async (tag) => {
        const ofTag = rows.filter((row) => row.event.tag === tag);
        const groups = groupsOf(tag).map(async (group) => ({ group, states: await statesOf(group, ofTag) }));
        return { rows: ofTag, groups: await Promise.all(groups) };
      }),
    );

  const statesOf = (group: Group, rows: readonly OutboxRow[]): Promise<States> =>
    inboxOf(group.home).states(group.name, group.tag, [
      ...new Set(rows.flatMap((row) => keysOf(group, row.event))),
    ]);

  /** @returns the rows that may go */
  const settle = async (progress: readonly Progress[]): Promise<readonly OutboxRow[]> => {
    const ended = progress.flatMap(({ rows, groups }) =>
      rows
        .filter((row) => groups.every(({ group, states }) => isOver(row, group, states)))
        .map((row) => ({ row, failed: groups.some(({ group, states }) => isParked(row, group, states)) })),
    );
    const settled = await Promise.all(
      ended.map(async ({ row, failed }) => {
        const isKnown = !saysHowItEnded(row) || (await tellOrder(row, failed));
        return isKnown ? [row] : [];
      }),
    );
    return settled.flat();
  };

  /** @returns whether the order knows how its compensation ended */
  const tellOrder = async (row: OutboxRow, failed: boolean): Promise<boolean> => {
    // A row that was written by hand may name anything.
    if (!isId(row.event.key)) return true;
    const orderId = id<OrderId>(row.event.key);
    const command = { type: 'FinishCompensation', failed };
    const answer = await router.ask({ kind: 'order', id: orderId, command, key: orderId, attempt: 1 });
    return answer.outcome === 'ok' || answer.outcome === 'refused';
  };

  const sendLost = async (progress: readonly Progress[]): Promise<void> => {
    if (!transport.isConnected()) return;
    const lost = new Set<string>();
    for (const { rows, groups } of progress) {
      for (const { group, states } of groups) {
        const stillOpen = async (among: readonly SentRow[]) =>
          open(among, group, await statesOf(group, among));
        const missed = await lostEvents(group.name, open(rows, group, states), {
          transport,
          clock,
          stillOpen,
        });
        for (const row of missed) lost.add(row.id);
      }
    }
    if (lost.size === 0) return;
    await outbox.sendAgain([...lost]);
    logger.warn({ events: lost.size }, 'the broker has lost events: they are sent again');
  };

  /**
   * A redriven event some groups may never have wanted, and what does not fit its schema leaves no trace under its key: they had
   * their chance once it was sent some time ago to a broker that is there.
   */
  const hadItsChance = ({ event, sentTime }: SentRow): boolean =>
    event.producerGroup === 'redrive' &&
    transport.isConnected() &&
    sentTime < plusMs(clock.now(), -CHANCE_MS);

  const isOver = (row: SentRow, group: Group, states: States): boolean =>
    keysOf(group, row.event).every((key) => {
      const state = states.get(key);
      return state === undefined ? hadItsChance(row) : state !== 'running';
    });

  const open = (rows: readonly SentRow[], group: Group, states: States): readonly SentRow[] =>
    rows.filter((row) => !isOver(row, group, states));

  return repeat(round, {
    clock,
    everyMs: options.everyMs,
    onFailure: (error) => logger.warn({ err: error }, 'the outbox cannot be settled now'),
  });
}

/**
 * A redriven one does not: groups that have not begun count as done with it, and its body, which anyone may have written, need
 * not name all lines. The order hears it of its first row, or once all that it knows of is given back (late-give-backs.ts).
 */
const saysHowItEnded = ({ event }: OutboxRow): boolean =>
  event.tag === 'order_cancel' && event.producerGroup !== 'redrive';

const isParked = (row: OutboxRow, group: Group, states: States): boolean =>
  keysOf(group, row.event).some((key) => states.get(key) === 'parked');
