// The databases: one for all kinds or one a kind, each opened, migrated and joined once; the connections that
// write and hold the locks; and what is read of them.
import type { Logger } from 'pino';
import type { Operations } from '../actors/domain/operations';
import { KINDS, type Kind } from '../actors/domain/envelope';
import type { DeadLetters, IdSource, Inbox, OrderIndex, Outbox } from '../actors/domain/ports';
import { openDatabase, type Database } from '../persistence/database';
import { createDeadLetters } from '../persistence/dead-letters';
import { joinDeployment } from '../persistence/deployment';
import { createInbox } from '../persistence/inbox';
import { createOperations } from '../persistence/operations';
import { createOrderIndex } from '../persistence/order-index';
import { createOutbox } from '../persistence/outbox';
import type { Queryable } from '../persistence/session';
import { lockShards } from '../persistence/shard-locks';
import { leaseIds } from '../persistence/worker-lease';
import type { SoleOwnership } from '../supervisors/sole-ownership';
import { forEveryKind } from './compose-kinds';
import type { Config } from './config';
import { systemClock } from './system-clock';

export interface Books {
  readonly readers: Readonly<Record<Kind, Queryable>>;
  readonly writers: Readonly<Record<Kind, Queryable>>;
  /** One a database. */
  readonly outboxes: readonly Outbox[];
  readonly outboxOf: (kind: Kind) => Outbox;
  readonly inboxOf: (kind: Kind) => Inbox;
  readonly deadLetters: readonly DeadLetters[];
  readonly orderIndex: OrderIndex;
  readonly operations: Operations;
  readonly ids: IdSource;
  close(): Promise<void>;
}

/** Opens the books for reading and operating, without the connections that only a node needs. */
export async function openLedgers(config: Config, logger: Logger) {
  const databases = new Map<string, Database>();
  const close = async (): Promise<void> => {
    await Promise.all([...databases.values()].map((database) => database.close()));
  };
  try {
    for (const url of new Set(Object.values(config.databaseUrls))) {
      const applicationName = `trade ${config.nodeName}`;
      const options = {
        dataDir: config.dataDir,
        applicationName,
        logger: logger.child({ part: 'database' }),
      };
      databases.set(url ?? '', await openDatabase(url === undefined ? options : { ...options, url }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const databaseOf = (kind: Kind): Database => {
    const database = databases.get(config.databaseUrls[kind] ?? '');
    if (!database) throw new Error(`no database is open for ${kind}`);
    return database;
  };
  const readers = forEveryKind((kind) => databaseOf(kind).reader);
  const perDatabase = <Part>(make: (reader: Queryable) => Part): ReadonlyMap<Database, Part> =>
    new Map([...databases.values()].map((database) => [database, make(database.reader)]));
  const outboxes = perDatabase(createOutbox);
  const inboxes = perDatabase(createInbox);
  const letters = perDatabase(createDeadLetters);
  const part = <Part>(parts: ReadonlyMap<Database, Part>, kind: Kind): Part =>
    parts.get(databaseOf(kind)) as Part;
  const deadLetters = [...letters.values()];
  return {
    databases: [...databases.values()],
    databaseOf,
    readers,
    outboxes: [...outboxes.values()],
    outboxOf: (kind: Kind) => part(outboxes, kind),
    inboxOf: (kind: Kind) => part(inboxes, kind),
    deadLetters,
    operations: createOperations({
      readers,
      deadLetters,
      outboxes: [...outboxes.values()],
      now: () => systemClock.now(),
    }),
    close,
  };
}

/** Opens everything that a node needs, and waits until it holds its shards. */
export async function openBooks(config: Config, logger: Logger, ownership: SoleOwnership): Promise<Books> {
  const ledgers = await openLedgers(config, logger);
  try {
    for (const database of ledgers.databases) await joinDeployment(database.reader, config.shards);
    const sessions = await Promise.all(
      KINDS.map(async (kind) => {
        const session = await ledgers.databaseOf(kind).openSession(kind, {
          prepare: (queryable) => lockShards(queryable, kind, config.shards),
          onReady: () => ownership.gain(kind),
          onLost: () => ownership.lose(kind),
        });
        return [kind, session] as const;
      }),
    );
    const writers = new Map<Kind, Queryable>(sessions);
    const lease = await leaseIds(ledgers.databaseOf('order'), systemClock, logger);
    return {
      ...ledgers,
      writers: forEveryKind((kind) => {
        const writer = writers.get(kind);
        // Nothing may write on a connection that does not hold the kind's locks.
        if (!writer) throw new Error(`no session is open for ${kind}`);
        return writer;
      }),
      ids: lease.ids,
      orderIndex: createOrderIndex(ledgers.readers.order),
      close: async () => {
        await lease.close();
        await Promise.all(sessions.map(([, session]) => session.close()));
        await ledgers.close();
      },
    };
  } catch (error) {
    await ledgers.close();
    throw error;
  }
}
