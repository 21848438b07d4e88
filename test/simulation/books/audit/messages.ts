// At the end everything was sent, and every group is done with it.
import type { ConsumerRow } from '../rows';
import type { ShopTables } from '../tables';
import type { Rules } from './rule';

const consumptionsIn = ({ inbox }: ShopTables, status: ConsumerRow['consumer_status']): readonly string[] =>
  inbox.where((row) => row.consumer_status === status).map((row) => `${row.group_name}:${row.msg_key}`);

export const MESSAGE_RULES = {
  'no outbox row is left': ({ outbox }) =>
    [...outbox].map((row) => `${row.msg_topic}.${row.msg_tag}:${row.msg_key}`),
  'no consumption is running': (tables) => consumptionsIn(tables, 0),
  'no consumption is parked': (tables) => consumptionsIn(tables, 2),
} as const satisfies Rules;
