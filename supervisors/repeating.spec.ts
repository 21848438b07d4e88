import { SimulatedProcess } from '../test/simulation/simulated-process';
import { SimulatedTime } from '../test/simulation/simulated-time';
import { repeat } from './repeating';

/** Work every second; a round goes on until the test ends it. */
function scene() {
  const time = new SimulatedTime();
  const failures: unknown[] = [];
  const rounds: { isStopped: () => boolean; end: () => void; fail: (error: Error) => void }[] = [];
  const work = repeat(
    (isStopped) =>
      new Promise<void>((resolve, reject) => rounds.push({ isStopped, end: resolve, fail: reject })),
    {
      clock: new SimulatedProcess(time).clock,
      everyMs: 1_000,
      onFailure: (error) => failures.push(error),
    },
  );
  return { work, rounds, failures, pass: (ms: number) => time.pass(ms), end: () => rounds.at(-1)?.end() };
}

test('the first round begins at once, the next a while after it has ended', async () => {
  const { rounds, pass, end } = scene();
  expect(rounds).toHaveLength(1);
  await pass(10_000);
  expect(rounds).toHaveLength(1);
  end();
  await pass(999);
  expect(rounds).toHaveLength(1);
  await pass(1);
  expect(rounds).toHaveLength(2);
});

test('a round that fails is told of, and followed by the next', async () => {
  const { rounds, failures, pass } = scene();
  const error = new Error('away');
  rounds[0]?.fail(error);
  await pass(1_000);
  expect([failures, rounds.length]).toEqual([[error], 2]);
});

describe('hurried', () => {
  test('between two rounds, the next begins now, and the one after it in its time', async () => {
    const { work, rounds, pass, end } = scene();
    end();
    await pass(10);
    work.hurry();
    expect(rounds).toHaveLength(2);
    end();
    await pass(990);
    expect(rounds).toHaveLength(2);
    await pass(10);
    expect(rounds).toHaveLength(3);
  });

  test('while a round is under way, one more follows it at once, however often that was asked for', async () => {
    const { work, rounds, pass, end } = scene();
    work.hurry();
    work.hurry();
    expect(rounds).toHaveLength(1);
    end();
    await pass(0);
    expect(rounds).toHaveLength(2);
    end();
    await pass(500);
    expect(rounds).toHaveLength(2);
  });

  test('after the round has ended and before it is known, it begins once', async () => {
    const { work, rounds, pass, end } = scene();
    end();
    work.hurry();
    await pass(10);
    expect(rounds).toHaveLength(2);
  });
});

describe('stopped', () => {
  test('no round begins any more, however it is hurried, and the one under way is told', async () => {
    const { work, rounds, pass, end } = scene();
    work.hurry();
    work.stop();
    expect(rounds[0]?.isStopped()).toBe(true);
    end();
    work.hurry();
    await pass(10_000);
    expect(rounds).toHaveLength(1);
  });

  test('between two rounds, the next is called off', async () => {
    const { work, rounds, pass, end } = scene();
    end();
    await pass(10);
    work.stop();
    await pass(10_000);
    expect(rounds).toHaveLength(1);
  });
});
