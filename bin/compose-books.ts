// The databases: one for all kinds or one a kind, each opened and joined once; the connections that
// write and hold the locks; and what is read of them.
import type { Logger } from 'pino';
import type { Operations } from '../actors/domain/operations';
import { KINDS, type Kind } from '../actors/domain/envelope';
import { BOOKING_KINDS } from '../actors/domain/booking';
import { PLACING_KINDS } from '../actors/domain/joint';
import type { IdSource } from '../actors/domain/ports/id-source';
import type { DeadLetters, Inbox } from '../actors/domain/ports/inbox';
import type { OrderIndex } from '../actors/domain/ports/order-index';
import type { Outbox } from '../actors/domain/ports/outbox';
import { openDatabase, type Database } from '../persistence/database';
import type { HeldSession } from '../persistence/held-session';
import { createDeadLetters } from '../persistence/dead-letters';
import { createInbox } from '../persistence/inbox';
import { createOperations } from '../persistence/operations';
import { createOrderIndex } from '../persistence/order-index';
import { createOutbox } from '../persistence/outbox';
import type { Queryable } from '../persistence/session';
import { leaseIds } from '../persistence/worker-lease';
import { JointSessions, type SessionListener } from '../supervisors/joint-sessions';
import { forEveryKind } from './compose-kinds';
import type { Config } from './config';
import { systemClock } from './system-clock';

export interface Books {
  readonly readers: Readonly<Record<Kind, Queryable>>;
  /** The connections that write, and that hold the shards' locks: one a kind. */
  readonly sessions: Readonly<Record<Kind, HeldSession>>;
  /** The one that writes joint commits, and of which kinds; undefined where those of an order have databases of their own. */
  readonly joint: { readonly session: HeldSession; readonly kinds: readonly Kind[] } | undefined;
  /** One a database. */
  readonly outboxes: readonly Outbox[];
  readonly outboxOf: (kind: Kind) => Outbox;
  readonly inboxOf: (kind: Kind) => Inbox;
  readonly deadLetters: readonly DeadLetters[];
  readonly orderIndex: OrderIndex;
  readonly operations: Operations;
  readonly ids: IdSource;
  readonly hasIds: () => boolean;
  close(): Promise<void>;
}

export type Ledgers = Awaited<ReturnType<typeof openLedgers>>;

export interface LedgersOptions {
  /** What the connections are called in the database. */
  readonly applicationName?: string;
  /** Whether tables are made and brought up to date; else they must be. */
  readonly migrates: boolean;
}

/** Opens the books for reading and operating, without the connections that only a node needs. */
export async function openLedgers(
  config: Config,
  logger: Logger,
  { applicationName = 'trade operator', migrates }: LedgersOptions,
) {
  const databases = new Map<string, Database>();
  const close = async (): Promise<void> => {
    await Promise.all([...databases.values()].map((database) => database.close()));
  };
  try {
    for (const url of new Set(Object.values(config.databaseUrls))) {
      const options = {
        dataDir: config.dataDir,
        applicationName,
        migrates,
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
      patientReaders: forEveryKind((kind) => databaseOf(kind).patientReader),
      deadLetters,
      outboxes: [...outboxes.values()],
      now: () => systemClock.now(),
    }),
    close,
  };
}

/** The kinds that joint commits write: orders and bookings are for themselves, as their kinds share databases or not. */
function jointKindsOf({ databaseOf }: Pick<Ledgers, 'databaseOf'>): readonly Kind[] {
  const isOneDatabase = (kinds: readonly Kind[]): boolean => new Set(kinds.map(databaseOf)).size === 1;
  if (!isOneDatabase(PLACING_KINDS)) return [];
  const both = [...new Set([...PLACING_KINDS, ...BOOKING_KINDS])];
  return isOneDatabase(both) ? both : PLACING_KINDS;
}

/** A row that somebody else holds for longer than this is waited for by those that need it, in their sagas. */
const LOCK_TIMEOUT_MS = 250;

/**
 * What is in the way of one order of a joint commit is in the way of all. So it gives up soon on locks, and on anything else
 * after as long as a step may be silent, and leaves them to their sagas. Nobody else is in the embedded database, whose
 * connection is everybody's.
 */
async function openJoint(
  database: Database,
  together: JointSessions,
  stepTimeoutMs: number,
): Promise<HeldSession> {
  const bounds = [`set lock_timeout = ${LOCK_TIMEOUT_MS}`, `set statement_timeout = ${stepTimeoutMs}`];
  const session = await database.openSession('joint commits', {
    ...together.hooksOf('joint'),
    prepare: async (queryable) => {
      if (database.embedded) return;
      for (const text of bounds) await queryable.query({ name: '', text }, []);
    },
  });
  together.opened('joint', session);
  return session;
}

export interface BooksOptions {
  readonly logger: Logger;
  readonly listener: SessionListener;
  /** How long a step of an order may be silent. */
  readonly stepTimeoutMs: number;
}

/** Opens everything that only a node needs; closing the books closes the ledgers too. */
export async function openBooks(
  ledgers: Ledgers,
  { logger, listener, stepTimeoutMs }: BooksOptions,
): Promise<Books> {
  const sessions = new Map<Kind, HeldSession>();
  const jointKinds = jointKindsOf(ledgers);
  const together = jointKinds.length > 0 ? new JointSessions(jointKinds, listener) : undefined;
  const joint = together && (await openJoint(ledgers.databaseOf('order'), together, stepTimeoutMs));
  await Promise.all(
    KINDS.map(async (kind) => {
      const group = jointKinds.includes(kind) ? together : undefined;
      const hooks = group?.hooksOf(kind) ?? {
        onReady: () => listener.sessionReady(kind),
        onLost: () => listener.sessionLost(kind),
      };
      const session = await ledgers.databaseOf(kind).openSession(kind, hooks);
      group?.opened(kind, session);
      sessions.set(kind, session);
    }),
  );
  const lease = await leaseIds(ledgers.databaseOf('order'), systemClock, logger);
  return {
    ...ledgers,
    sessions: forEveryKind((kind) => {
      const session = sessions.get(kind);
      // Nothing may write on a connection that cannot hold the kind's locks.
      if (!session) throw new Error(`no session is open for ${kind}`);
      return session;
    }),
    joint: joint && { session: joint, kinds: jointKinds },
    ids: lease.ids,
    hasIds: () => lease.isHeld(),
    orderIndex: createOrderIndex(ledgers.readers.order),
    close: async () => {
      await lease.close();
      await ledgers.close();
    },
  };
}
