// Events that were sent and that no group will be given: somebody purged a stream, the broker lost them while every node
// stayed connected, or it took them for a repeat of what somebody had published under their message id. Until the next
// reconnect nothing else would find them (R12).
import type { GroupName } from '../actors/domain/events';
import { plusMs } from '../actors/domain/instant';
import type { Clock, SentRow, Transport } from '../actors/domain/ports';
import { parseBody } from './event-body';

/** Longer than the broker swallows repeats, and than three attempts take. */
const LOST_AFTER_MS = 300_000;

/**
 * @param open the kept rows that a group is not done with
 * @returns those of them to be sent again: all that were sent long ago, if the broker has fewer of them than there are.
 * Some of these may only wait; what is sent again then counts as the broker's, so it is not sent once more.
 * @throws TransportError
 */
export async function lostEvents(
  group: GroupName,
  open: readonly SentRow[],
  { transport, clock }: { readonly transport: Pick<Transport, 'outstanding'>; readonly clock: Clock },
): Promise<readonly SentRow[]> {
  const before = plusMs(clock.now(), -LOST_AFTER_MS);
  const old = open.filter((row) => row.sentTime < before && isReadable(row));
  if (old.length === 0) return [];
  return (await transport.outstanding(group)) < old.length ? old : [];
}

/** What is not is parked under its message id, once for each time that it is sent. */
const isReadable = ({ event }: SentRow): boolean =>
  typeof parseBody(event.tag, JSON.stringify(event.body)) !== 'string';
