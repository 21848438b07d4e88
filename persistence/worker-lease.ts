// Snowflake ids with a worker number that is leased by an advisory lock, so that no two live processes make the
// same id; a clock that goes back waits or refuses (R17).
import { Snowflake } from '@sapphire/snowflake';
import type { Logger } from 'pino';
import { RetryableError } from '../actors/domain/errors';
import { pause } from '../actors/domain/pause';
import type { Clock } from '../actors/domain/ports/clock';
import type { IdSource } from '../actors/domain/ports/id-source';
import type { Database } from './database';
import type { Queryable, Statement } from './session';

/** The first key of the two-key advisory locks of workers. */
const LOCK = 100;
const EPOCH = Date.parse('2020-01-01T00:00:00.000Z');
const IDS_A_MILLISECOND = 4096;
const RESERVE_EVERY_MS = 3_000;
/** Ids are made up to the moment that is recorded, so that a successor knows where to begin. */
const RESERVED_MS = 10_000;
/** A clock behind by less than this is waited for. */
const WAIT_MOST_MS = 60_000;
/** While ids are made, the clock may be behind by this much: the last moment counts on. */
const BEHIND_MOST_MS = 5_000;

/**
 * The number that was idle for longest, so that a restart need not wait for what its last life reserved. The
 * numbers are materialized, or the planner might try the lock of each before it sorts them.
 */
const TAKE: Statement = {
  name: 'worker-take',
  text: `with numbers as materialized (
      select number from generate_series(0, 1023) as number left join id_worker on worker_no = number
      order by last_time nulls first, number)
    select number from numbers where pg_try_advisory_lock($1::int, number) limit 1`,
};
const LAST: Statement = {
  name: 'worker-last',
  text: 'select (extract(epoch from last_time) * 1000)::bigint as last_ms from id_worker where worker_no = $1',
};
const RESERVE: Statement = {
  name: 'worker-reserve',
  text: `insert into id_worker as w (worker_no, last_time) values ($1, $2)
    on conflict (worker_no) do update set last_time = greatest(w.last_time, excluded.last_time)`,
};

export interface WorkerNumber {
  /** 0 to 1023. */
  readonly number: number;
  /** No id of a later moment may be made. */
  untilMs: number;
}

export interface Lease {
  readonly ids: IdSource;
  /** Whether there is a worker number to make ids with; its connection may be away while others are there. */
  isHeld(): boolean;
  close(): Promise<void>;
}

/**
 * Leases a worker number, and another one whenever the connection is lost.
 * @throws Error if the clock is far behind what every free number has seen
 */
export async function leaseIds(database: Database, clock: Clock, logger: Logger): Promise<Lease> {
  let taken: WorkerNumber | undefined;
  let leased: WorkerNumber | undefined;
  const session = await database.openSession('id worker', {
    prepare: async (queryable) => {
      const [free] = await queryable.query<{ number: number }>(TAKE, [LOCK]);
      if (!free) throw new Error('all worker numbers are taken');
      await waitForClock(queryable, free.number, clock, logger);
      taken = await reserve(queryable, { number: free.number, untilMs: 0 }, clock);
    },
    onReady: () => (leased = taken),
    onLost: () => (leased = undefined),
  });
  const timer = setInterval(() => {
    if (!leased) return;
    reserve(session, leased, clock).catch((error: unknown) =>
      logger.warn({ err: error }, 'no more ids can be reserved now'),
    );
  }, RESERVE_EVERY_MS);
  return {
    ids: createIdSource(clock, () => leased),
    isHeld: () => leased !== undefined,
    close: () => {
      clearInterval(timer);
      leased = undefined;
      return session.close();
    },
  };
}

async function reserve(queryable: Queryable, worker: WorkerNumber, clock: Clock): Promise<WorkerNumber> {
  const untilMs = clock.nowMs() + RESERVED_MS;
  await queryable.query(RESERVE, [worker.number, new Date(untilMs).toISOString()]);
  worker.untilMs = untilMs;
  return worker;
}

async function waitForClock(
  queryable: Queryable,
  number: number,
  clock: Clock,
  logger: Logger,
): Promise<void> {
  const [row] = await queryable.query<{ last_ms: string }>(LAST, [number]);
  const behindMs = Number(row?.last_ms ?? 0) - clock.nowMs();
  if (behindMs < 0) return;
  if (behindMs > WAIT_MOST_MS) {
    throw new Error(`the clock is ${behindMs} ms behind the last ids of worker ${number}; set it right`);
  }
  logger.warn({ behindMs }, 'waiting until the clock is past the last ids');
  await pause(clock, behindMs + 1);
}

/**
 * Ids that rise within a process.
 * @param leased undefined while there is no worker number
 */
export function createIdSource(
  clock: Pick<Clock, 'nowMs'>,
  leased: () => WorkerNumber | undefined,
): IdSource {
  const snowflake = new Snowflake(EPOCH);
  let lastMs = 0;
  let increment = 0;
  return {
    next() {
      const worker = leased();
      if (!worker) throw new RetryableError('no worker number is leased');
      const nowMs = clock.nowMs();
      if (nowMs < lastMs - BEHIND_MOST_MS) {
        throw new RetryableError(`the clock went back by ${lastMs - nowMs} ms`);
      }
      // A moment that is used up, or a clock that went back: the last moment counts on.
      const isUsedUp = increment === IDS_A_MILLISECOND - 1;
      const timestamp = nowMs > lastMs ? nowMs : isUsedUp ? lastMs + 1 : lastMs;
      if (timestamp > worker.untilMs) throw new RetryableError('no ids are reserved for this moment');
      increment = timestamp > lastMs ? 0 : increment + 1;
      lastMs = timestamp;
      return snowflake
        .generate({
          timestamp,
          increment: BigInt(increment),
          workerId: BigInt(worker.number >> 5),
          processId: BigInt(worker.number & 31),
        })
        .toString();
    },
  };
}
