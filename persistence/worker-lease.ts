// Snowflake ids with a worker number that is leased by an advisory lock, so that no two live processes make the
// same id; a clock that goes back waits or refuses (R17).
import { Snowflake } from '@sapphire/snowflake';
import type { Logger } from 'pino';
import { RetryableError } from '../actors/domain/errors';
import type { Clock, IdSource } from '../actors/domain/ports';
import type { Database } from './database';
import type { Queryable, Statement } from './session';

/** The first key of the two-key advisory locks of workers. */
const LOCK = 100;
const WORKERS = 1024;
const EPOCH = Date.parse('2020-01-01T00:00:00.000Z');
const IDS_A_MILLISECOND = 4096;
const RECORD_EVERY_MS = 3_000;
/** A clock behind by less than this is waited for. */
const WAIT_MOST_MS = 60_000;
/** While ids are made, the clock may be behind by this much: the last moment counts on. */
const BEHIND_MOST_MS = 5_000;

const TRY: Statement = { name: 'worker-try', text: 'select pg_try_advisory_lock($1::int, $2::int) as got' };
const RECORD: Statement = {
  name: 'worker-record',
  text: `insert into id_worker as w (worker_no, last_time) values ($1, $2)
    on conflict (worker_no) do update set last_time = greatest(w.last_time, excluded.last_time)
    returning (extract(epoch from last_time) * 1000)::bigint as last_ms`,
};

export interface Lease {
  readonly ids: IdSource;
  close(): Promise<void>;
}

/** @throws Error if the clock is far behind what this worker number has seen */
export async function leaseIds(database: Database, clock: Clock, logger: Logger): Promise<Lease> {
  let worker: number | undefined;
  const session = await database.openSession('id worker', {
    prepare: async (queryable) => {
      const taken = await takeNumber(queryable);
      await waitForClock(queryable, taken, clock, logger);
      worker = taken;
    },
    onLost: () => (worker = undefined),
  });
  const record = setInterval(() => {
    if (worker === undefined) return;
    session
      .query(RECORD, [worker, clock.now()])
      .catch((error: unknown) => logger.warn({ err: error }, 'the worker number cannot be recorded now'));
  }, RECORD_EVERY_MS);
  return {
    ids: createIdSource(clock, () => worker),
    close: () => {
      clearInterval(record);
      return session.close();
    },
  };
}

async function takeNumber(queryable: Queryable): Promise<number> {
  // Begin anywhere: nodes that start together seldom ask for the same number.
  const first = process.pid % WORKERS;
  for (let step = 0; step < WORKERS; step++) {
    const number = (first + step) % WORKERS;
    const [row] = await queryable.query<{ got: boolean }>(TRY, [LOCK, number]);
    if (row?.got) return number;
  }
  throw new Error(`all ${WORKERS} worker numbers are taken`);
}

async function waitForClock(
  queryable: Queryable,
  worker: number,
  clock: Clock,
  logger: Logger,
): Promise<void> {
  const [row] = await queryable.query<{ last_ms: string }>(RECORD, [worker, clock.now()]);
  const behindMs = Number(row?.last_ms ?? 0) - clock.nowMs();
  if (behindMs <= 0) return;
  if (behindMs > WAIT_MOST_MS) {
    throw new Error(`the clock is ${behindMs} ms behind the last id of worker ${worker}; set it right`);
  }
  logger.warn({ behindMs }, 'the clock has gone back; waiting until it is past the last id');
  await new Promise<void>((resolve) => void clock.later(behindMs + 1, resolve));
}

/**
 * Ids that rise within a process.
 * @param workerNumber 0 to 1023; undefined while none is leased
 */
export function createIdSource(
  clock: Pick<Clock, 'nowMs'>,
  workerNumber: () => number | undefined,
): IdSource {
  const snowflake = new Snowflake(EPOCH);
  let lastMs = 0;
  let increment = 0;
  return {
    next() {
      const worker = workerNumber();
      if (worker === undefined) throw new RetryableError('no worker number is leased');
      const nowMs = clock.nowMs();
      if (nowMs < lastMs - BEHIND_MOST_MS)
        throw new RetryableError(`the clock went back by ${lastMs - nowMs} ms`);
      if (nowMs > lastMs) {
        lastMs = nowMs;
        increment = 0;
      } else if (++increment === IDS_A_MILLISECOND) {
        lastMs += 1;
        increment = 0;
      }
      return snowflake
        .generate({
          timestamp: lastMs,
          increment: BigInt(increment),
          workerId: BigInt(worker >> 5),
          processId: BigInt(worker & 31),
        })
        .toString();
    },
  };
}
