// What the statement of a joint commit returns: rows of several kinds in one shape, told by their first column.
import type { InsertedEvent } from './event-rows';
import type { WalletFigures } from './wallet';

export interface PartRow<Part extends string> {
  readonly part: Part;
  readonly id: string;
  readonly first: string;
  readonly second: string;
  readonly third: string;
}

export const insertedEventOf = ({ id, first, second, third }: PartRow<string>): InsertedEvent => ({
  outbox_id: id,
  msg_topic: first as InsertedEvent['msg_topic'],
  msg_tag: second as InsertedEvent['msg_tag'],
  msg_key: third,
});

export const walletFiguresOf = ({ id, first, second }: PartRow<string>): WalletFigures => ({
  id,
  entry: null,
  done: null,
  money: first,
  score: Number(second),
});
