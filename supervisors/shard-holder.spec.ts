// What a node believes to hold follows what the locks' connection says, also when the two are at odds for a moment.
import pino from 'pino';
import { SimulatedProcess } from '../test/simulation/simulated-process';
import { SimulatedTime } from '../test/simulation/simulated-time';
import { ShardHolder } from './shard-holder';

/** A holder whose questions to the database the test answers by hand. */
function scene() {
  const time = new SimulatedTime();
  const busy = new Set<number>();
  const told: string[] = [];
  const asked: { what: string; answer: (shards: readonly number[]) => void; fail: () => void }[] = [];
  let drops = 0;
  const ask = <Answer>(what: string, shards: readonly number[]) =>
    new Promise<Answer>((resolve, reject) => {
      asked.push({
        what: `${what} ${shards.join()}`,
        answer: (answer) => resolve(answer as Answer),
        fail: () => reject(new Error('no answer')),
      });
    });
  const holder = new ShardHolder({
    kind: 'order',
    clock: new SimulatedProcess(time).clock,
    logger: pino({ level: 'silent' }),
    locks: {
      take: (shards) => ask('take', shards),
      release: (shards) => ask('release', shards),
      fence: () => Promise.resolve([]),
      drop: () => (drops += 1),
    },
    busy: (shards) => new Set(shards.filter((shard) => busy.has(shard))),
    onGained: (shards) => told.push(`gained ${shards.join()}`),
    onLost: (shards) => told.push(`lost ${shards.join()}`),
  });
  return {
    holder,
    busy,
    told,
    asked,
    pass: (ms: number) => time.pass(ms),
    drops: () => drops,
    /** What is held from now on. */
    given: async (...shards: number[]): Promise<void> => {
      const taking = holder.take(shards);
      asked.at(-1)?.answer(shards);
      await taking;
      told.length = asked.length = 0;
    },
  };
}

describe('taking', () => {
  test('holds what was locked, and tells what somebody else has', async () => {
    const { holder, asked, told } = scene();
    const taking = holder.take([1, 2, 3]);
    expect(holder.shards).toEqual([]);
    asked[0]?.answer([1, 3]);
    expect(await taking).toEqual([2]);
    expect([holder.shards, told]).toEqual([[1, 3], ['gained 1,3']]);
    expect(holder.takes(1)).toBe(true);
  });

  test('asks for what is not held only, and for nothing while it asks', async () => {
    const { holder, asked, given } = scene();
    await given(1);
    expect(await holder.take([1])).toEqual([]);
    const taking = holder.take([1, 2]);
    expect(await holder.take([1, 2, 3])).toBeUndefined();
    asked[0]?.answer([2]);
    await taking;
    expect(asked.map(({ what }) => what)).toEqual(['take 2']);
  });

  test('counts nothing if the connection is lost meanwhile, whatever the answer', async () => {
    const { holder, asked, told, drops } = scene();
    for (const end of ['answer', 'fail'] as const) {
      const taking = holder.take([1, 2]);
      holder.lost();
      asked.at(-1)?.[end]([1, 2]);
      expect(await taking).toBeUndefined();
    }
    expect([holder.shards, told, drops()]).toEqual([[], [], 0]);
  });

  test('drops the connection if it fails, for some may be locked', async () => {
    const { holder, asked, drops } = scene();
    const taking = holder.take([1, 2]);
    asked[0]?.fail();
    expect(await taking).toBeUndefined();
    expect(drops()).toBe(1);
    const again = holder.take([1]);
    asked[1]?.answer([1]);
    expect(await again).toEqual([]);
  });

  test('is another term each time', async () => {
    const { holder, given } = scene();
    await given(1);
    const term = holder.termOf(1);
    holder.lost();
    expect(holder.termOf(1)).toBeUndefined();
    await given(1);
    expect(holder.termOf(1)).toBeGreaterThan(term ?? 0);
  });
});

describe('handing over', () => {
  test('lets what is idle go at once, and what is busy as soon as it is idle', async () => {
    const { holder, busy, asked, told, given, pass } = scene();
    await given(1, 2, 3);
    busy.add(2);
    const term = holder.termOf(2);
    const handingOver = holder.handOver([1, 2]);
    expect(asked.map(({ what }) => what)).toEqual(['release 1']);
    expect(told).toEqual(['lost 1']);
    expect([1, 2, 3].map((shard) => holder.takes(shard))).toEqual([false, false, true]);
    expect(holder.termOf(2)).toBe(term);
    asked[0]?.answer([]);
    await pass(100);
    expect(holder.shards).toEqual([2, 3]);
    busy.clear();
    await pass(10);
    expect([holder.shards, told]).toEqual([[3], ['lost 1', 'lost 2']]);
    asked[1]?.answer([]);
    await handingOver;
  });

  test('does not wait for ever', async () => {
    const { holder, busy, asked, given, pass } = scene();
    await given(1);
    busy.add(1);
    const handingOver = holder.handOver([1]);
    await pass(1_400);
    expect(asked).toEqual([]);
    await pass(200);
    expect(asked.map(({ what }) => what)).toEqual(['release 1']);
    asked[0]?.answer([]);
    await handingOver;
  });

  test('is not begun again while it goes on', async () => {
    const { holder, busy, asked, given } = scene();
    await given(1);
    busy.add(1);
    void holder.handOver([1]);
    await holder.handOver([1]);
    expect(asked).toEqual([]);
  });

  test('ends when the connection is lost', async () => {
    const { holder, busy, asked, told, given, pass } = scene();
    await given(1);
    busy.add(1);
    const handingOver = holder.handOver([1]);
    holder.lost();
    await pass(10);
    await handingOver;
    expect([asked, told]).toEqual([[], ['lost 1']]);
  });

  test('does not unlock on a new connection what the one before had locked', async () => {
    const { holder, busy, asked, given, pass } = scene();
    await given(1);
    busy.add(1);
    const handingOver = holder.handOver([1]);
    holder.lost();
    await given(1);
    busy.clear();
    await pass(20);
    await handingOver;
    expect([asked, holder.takes(1)]).toEqual([[], true]);
  });

  test('drops the connection if a shard cannot be unlocked', async () => {
    const { holder, asked, drops, given } = scene();
    await given(1);
    const handingOver = holder.handOver([1]);
    asked[0]?.fail();
    await handingOver;
    expect([holder.shards, drops()]).toEqual([[], 1]);
  });

  test('of everything includes what is just being taken', async () => {
    const { holder, asked, told, given } = scene();
    await given(1);
    void holder.take([2]);
    const handingOver = holder.handOverAll();
    for (const { answer } of asked) answer([2]);
    await Promise.resolve();
    expect(holder.takes(1)).toBe(false);
    while (asked.length < 3) await Promise.resolve();
    asked[2]?.answer([]);
    await handingOver;
    expect([holder.shards, told]).toEqual([[], ['lost 1', 'gained 2', 'lost 2']]);
  });
});
