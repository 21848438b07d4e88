// An outbox row goes when every group is done with its event or has parked it, never by age (R12). With the
// last group of an order_cancel the order learns how its compensation ended.
import type { Logger } from 'pino';
import { groupsOf, type Group } from '../actors/domain/events';
import { id, isId, type OrderId } from '../actors/domain/ids';
import type { Kind } from '../actors/domain/envelope';
import type { Clock, ConsumptionState, Inbox, Outbox, OutboxRow, Router } from '../actors/domain/ports';
import { keysOf } from './consumption-keys';
import { repeat, type Repeating } from './repeating';

export interface SettlerOptions {
  readonly outbox: Outbox;
  /** The inbox in the database of a kind. */
  readonly inboxOf: (kind: Kind) => Inbox;
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: number;
  /** Whether this node is the one that looks after this database. */
  readonly isKeeper: () => boolean;
}

const PAGE = 500;

export function startOutboxSettler(options: SettlerOptions): Repeating {
  const { outbox, inboxOf, router, clock, logger } = options;
  const round = async (isStopped: () => boolean): Promise<void> => {
    while (options.isKeeper()) {
      const rows = await outbox.toSettle(PAGE);
      const settled = await settle(rows);
      if (settled.length > 0) await outbox.remove(settled.map((row) => row.id));
      if (rows.length < PAGE || settled.length === 0 || isStopped()) return;
    }
  };

  /** @returns the rows that may go */
  const settle = async (rows: readonly OutboxRow[]): Promise<readonly OutboxRow[]> => {
    const settled: OutboxRow[] = [];
    for (const tag of new Set(rows.map((row) => row.event.tag))) {
      const ofTag = rows.filter((row) => row.event.tag === tag);
      const groups = groupsOf(tag);
      const states = await Promise.all(groups.map((group) => statesOf(group, ofTag)));
      const ended = ofTag.filter((row) =>
        groups.every((group, place) => isOver(row, keysOf(group, row.event), states[place] ?? new Map())),
      );
      const isParked = (row: OutboxRow): boolean =>
        groups.some((group, place) =>
          keysOf(group, row.event).some((key) => states[place]?.get(key) === 'parked'),
        );
      const told =
        tag === 'order_cancel'
          ? await Promise.all(ended.map(async (row) => (await tellOrder(row, isParked(row))) && row))
          : ended;
      settled.push(...told.filter((row) => row !== false));
    }
    return settled;
  };

  const statesOf = (group: Group, rows: readonly OutboxRow[]) =>
    inboxOf(group.home).states(group.name, group.tag, [
      ...new Set(rows.flatMap((row) => keysOf(group, row.event))),
    ]);

  /** @returns whether the order knows how its compensation ended */
  const tellOrder = async (row: OutboxRow, failed: boolean): Promise<boolean> => {
    // A row that was written by hand may name anything.
    if (!isId(row.event.key)) return true;
    const orderId = id<OrderId>(row.event.key);
    const command = { type: 'FinishCompensation', failed };
    const answer = await router.ask({ kind: 'order', id: orderId, command, key: orderId, attempt: 1 });
    return answer.outcome === 'ok' || answer.outcome === 'refused';
  };

  return repeat(round, {
    clock,
    everyMs: options.everyMs,
    onFailure: (error) => logger.warn({ err: error }, 'the outbox cannot be settled now'),
  });
}

/** A redriven event is over when no group works on it any more: some may never have wanted it. */
function isOver(
  row: OutboxRow,
  keys: readonly string[],
  states: ReadonlyMap<string, ConsumptionState>,
): boolean {
  const redriven = row.event.producerGroup === 'redrive';
  return keys.every((key) => {
    const state = states.get(key);
    return state === undefined ? redriven : state !== 'running';
  });
}
