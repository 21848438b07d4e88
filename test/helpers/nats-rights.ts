// What each user of deploy/nats-users.conf may do at the broker and what not, as the tests expect it, and how they try.
import { connect, type NatsConnection } from 'nats';
import { INBOX_PREFIX } from '../../transport/subjects';

/** Of digits: as a value of the configuration it would be a number, were it not in quotes. */
export const PASSWORD = '0123456789';

/** The variables that the configuration reads passwords from. */
export const passwordsOf = (...users: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(users.map((user) => [`NATS_${user.toUpperCase()}_PASSWORD`, `"${PASSWORD}"`]));

const OF_NODES = ['trade.node.n1', 'trade.cluster.heartbeat', '_INBOX_trade.x'];
const OF_GROUPS = ['$JS.ACK.x', '$JS.API.CONSUMER.MSG.NEXT.payTopic.pay_payTopic_log_group'];
const REMOVING = ['$JS.API.STREAM.DELETE.orderTopic', '$JS.API.STREAM.PURGE.payTopic'];
const EVERYTHING = ['>', 'trade.>', 'trade.node.*', '_INBOX_trade.>', '_INBOX.>', '$JS.API.>'];

type Rights = readonly [
  user: string,
  operation: 'publish' | 'subscription',
  may: readonly string[],
  mayNot: readonly string[],
];

export const RIGHTS: readonly Rights[] = [
  [
    'node',
    'publish',
    [...OF_NODES, ...OF_GROUPS, '_INBOX.operator.x', 'orderTopic.order_cancel', 'payTopic.pay_refund'],
    [
      ...REMOVING,
      '$JS.API.STREAM.CREATE.other',
      '$JS.API.STREAM.UPDATE.orderTopic',
      '$JS.API.STREAM.MSG.GET.payTopic',
      '$JS.API.CONSUMER.DELETE.payTopic.pay_payTopic_log_group',
      // A group of its own that hears what it likes.
      '$JS.API.CONSUMER.CREATE.orderTopic.x',
      'trade.order.place',
      '$SYS.x',
      'other',
    ],
  ],
  [
    'node',
    'subscription',
    [...OF_NODES, 'trade.order.place', '$SRV.PING'],
    ['>', 'trade.>', '_INBOX.>', '_INBOX.operator.>', '$JS.API.>', 'orderTopic.*', 'other'],
  ],
  [
    'operator',
    'publish',
    ['trade.order.refund', 'payTopic.pay_status', '$SRV.PING', '$JS.API.STREAM.LIST'],
    [
      ...OF_NODES,
      ...OF_GROUPS,
      ...REMOVING,
      '$JS.API.STREAM.CREATE.orderTopic',
      '_INBOX.checkout.x',
      'other',
    ],
  ],
  [
    'operator',
    'subscription',
    ['_INBOX.operator.x', 'orderTopic.*', 'payTopic.pay_refund'],
    [...EVERYTHING, ...OF_NODES, '_INBOX.checkout.>', 'trade.order.place'],
  ],
  [
    'checkout',
    'publish',
    ['trade.order.place', 'trade.order.find'],
    [
      ...OF_NODES,
      ...OF_GROUPS,
      ...REMOVING,
      'trade.order.cancel',
      'trade.wallet.recharge',
      'trade.payment.callback',
      'orderTopic.order_cancel',
      '$JS.API.STREAM.LIST',
      '$SRV.PING',
      '_INBOX.operator.x',
    ],
  ],
  [
    'checkout',
    'subscription',
    ['_INBOX.checkout.x', 'orderTopic.order_confirm'],
    [
      ...EVERYTHING,
      ...OF_NODES,
      '_INBOX.operator.>',
      'trade.order.place',
      'orderTopic.*',
      'payTopic.pay_status',
    ],
  ],
];

const connections: NatsConnection[] = [];

/** @param servers the URLs, with commas between */
export async function connectAs(servers: string, user: string): Promise<NatsConnection> {
  const connection = await connect({
    servers: servers.split(','),
    user,
    pass: PASSWORD,
    inboxPrefix: user === 'node' ? INBOX_PREFIX : `_INBOX.${user}`,
  });
  connections.push(connection);
  return connection;
}

/** For afterEach: closes what connectAs opened. */
export async function closeConnections(): Promise<void> {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
}

/**
 * Tries every subject of a list. What may be published is no event that fits: the books are not clean after it.
 * @returns those that the broker refuses
 */
export async function refused(
  servers: string,
  [user, operation, may, mayNot]: Rights,
): Promise<readonly string[]> {
  const connection = await connectAs(servers, user);
  const told = new Set<string>();
  void (async () => {
    for await (const { permissionContext: context } of connection.status())
      if (context?.operation === operation) told.add(context.subject);
  })();
  const subjects = [...may, ...mayNot];
  for (const subject of subjects) {
    if (operation === 'publish') connection.publish(subject, '{}');
    else connection.subscribe(subject, { callback: () => undefined });
  }
  // What was refused is told before this is answered.
  await connection.flush();
  await connection.flush();
  return subjects.filter((subject) => told.has(subject));
}
