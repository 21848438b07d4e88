// Events that were sent and that no group will be given: somebody purged a stream, the broker lost them while every node
// stayed connected, or it took them for a repeat of what somebody had published under their message id. Until the next
// reconnect nothing else would find them (R12).
import type { GroupName } from '../actors/domain/events';
import { plusMs } from '../actors/domain/instant';
import type { Clock } from '../actors/domain/ports/clock';
import type { SentRow } from '../actors/domain/ports/outbox';
import type { Transport } from '../actors/domain/ports/transport';
import { parseBody } from './event-body';

/** Longer than the broker swallows repeats, and than three attempts take. */
const LOST_AFTER_MS = 300_000;

export interface LostEventsParts {
  readonly transport: Pick<Transport, 'outstanding'>;
  readonly clock: Clock;
  /** Which of the rows a group is still not done with. */
  readonly stillOpen: (rows: readonly SentRow[]) => Promise<readonly SentRow[]>;
}

/**
 * @param open kept rows that a group was not done with
 * @returns those of them to be sent again: all that were sent long ago, if the broker has fewer of them than there are.
 * Some of these may only wait; what is sent again then counts as the broker's, so it is not sent once more.
 * @throws TransportError
 */
export async function lostEvents(
  group: GroupName,
  open: readonly SentRow[],
  { transport, clock, stillOpen }: LostEventsParts,
): Promise<readonly SentRow[]> {
  const before = plusMs(clock.now(), -LOST_AFTER_MS);
  const old = open.filter((row) => row.sentTime < before && isReadable(row));
  if (old.length === 0) return [];
  const outstanding = await transport.outstanding(group);
  if (outstanding >= old.length) return [];
  // What has ended by now may be missing at the broker, and what has not was there.
  const left = await stillOpen(old);
  return outstanding < left.length ? left : [];
}

/** What is not is parked under its message id, once for each time that it is sent. */
const isReadable = ({ event }: SentRow): boolean =>
  typeof parseBody(event.tag, JSON.stringify(event.body)) !== 'string';
