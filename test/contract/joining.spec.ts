import type { Clock } from '../../actors/domain/ports/clock';
import { joinDeployments } from '../../persistence/deployment';
import { leaseIds, type Lease } from '../../persistence/worker-lease';
import { pino } from 'pino';
import { DATABASES, type TestDatabase } from '../helpers/databases';

const logger = pino({ level: 'silent' });

/** A clock that stands still; what is to happen later happens once it is set there. */
function standingClock(ms = Date.now()) {
  const waiting: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => ms,
    monotonicMs: () => ms,
    now: () => new Date(ms).toISOString(),
    later(afterMs, run) {
      waiting.push({ at: ms + afterMs, run });
      return () => undefined;
    },
  };
  const set = (to: number): void => {
    ms = to;
    for (const one of waiting.splice(0)) {
      if (one.at <= ms) one.run();
      else waiting.push(one);
    }
  };
  return { clock, waiting, set };
}

describe.each(DATABASES)('a node that joins on $name', ({ open }) => {
  let database: TestDatabase;
  const run = <Row>(text: string) => database.reader.query<Row>({ name: '', text }, []);
  beforeAll(async () => (database = await open()), 60_000);
  afterAll(() => database.drop());
  beforeEach(() => run('truncate deployment, id_worker'));

  test('founds the deployment, or finds it founded', async () => {
    const joined = await Promise.all([1, 2, 3, 4, 5].map(() => joinDeployments([database.reader], 64)));
    expect(new Set(joined.map((one) => one.deploymentId)).size).toBe(1);
    expect(await joinDeployments([database.reader], 64)).toEqual(joined[0]);
  });

  test('R18: is refused if its databases belong to different deployments', async () => {
    const other = await open();
    try {
      await joinDeployments([other.reader], 64);
      await joinDeployments([database.reader], 64);
      await expect(joinDeployments([database.reader, other.reader], 64)).rejects.toThrow(
        'the databases belong to different deployments',
      );
    } finally {
      await other.drop();
    }
  }, 60_000);

  test('R18: gives a new database to the deployment that it joins', async () => {
    const other = await open();
    try {
      const { deploymentId } = await joinDeployments([database.reader], 64);
      expect(await joinDeployments([database.reader, other.reader], 64)).toEqual({ deploymentId });
      expect(await joinDeployments([other.reader], 64)).toEqual({ deploymentId });
    } finally {
      await other.drop();
    }
  }, 60_000);

  test('R18: is refused with another number of shards', async () => {
    await joinDeployments([database.reader], 64);
    await expect(joinDeployments([database.reader], 32)).rejects.toThrow(
      'SHARDS is 32, but this data was written with 64',
    );
  });

  describe('and makes ids', () => {
    const leases: Lease[] = [];
    const lease = async (clock: Clock): Promise<Lease> => {
      const leased = await leaseIds(database, clock, logger);
      leases.push(leased);
      return leased;
    };
    afterEach(async () => {
      for (const leased of leases.splice(0)) await leased.close();
    });

    test('R17: gets a number that no other has, and makes ids with it', async () => {
      const { clock } = standingClock();
      const [one, other] = [await lease(clock), await lease(clock)];
      expect(one.ids.next()).not.toBe(other.ids.next());
      const rows = await run<{ worker_no: number; ahead: boolean }>(
        'select worker_no, last_time > now() as ahead from id_worker order by worker_no',
      );
      expect(rows).toEqual([
        { worker_no: 0, ahead: true },
        { worker_no: 1, ahead: true },
      ]);
    });

    test('takes the number that was idle for longest, and does not wait', async () => {
      const { clock, waiting } = standingClock();
      await (await lease(clock)).close();
      await lease(clock);
      expect(waiting).toEqual([]);
      expect(await run('select worker_no from id_worker order by 1')).toEqual([
        { worker_no: 0 },
        { worker_no: 1 },
      ]);
    });

    test('makes none once its lease is over', async () => {
      const leased = await lease(standingClock().clock);
      await leased.close();
      expect(() => leased.ids.next()).toThrow('no worker number is leased');
    });

    test('R17: waits for a clock that is behind all free numbers', async () => {
      const { clock, waiting, set } = standingClock();
      const last = clock.nowMs() + 30_000;
      await run(
        `insert into id_worker select n, to_timestamp(${last} / 1000.0) from generate_series(0, 1023) n`,
      );
      const leasing = lease(clock);
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      set(last + 1);
      const { ids } = await leasing;
      expect(ids.next()).toMatch(/^\d+$/);
    });

    test('R17: is refused if its clock is far behind', async () => {
      const { clock } = standingClock();
      await run(
        `insert into id_worker select n, to_timestamp(${clock.nowMs() + 60_001} / 1000.0)
          from generate_series(0, 1023) n`,
      );
      await expect(lease(clock)).rejects.toThrow('the clock is 60001 ms behind');
    });
  });
});
