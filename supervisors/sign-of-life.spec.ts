// A node's row is written again and again, and the database's silence is told apart from a pause of this process.
import pino from 'pino';
import { SimulatedProcess } from '../test/simulation/simulated-process';
import { SimulatedTime } from '../test/simulation/simulated-time';
import { SignOfLife } from './sign-of-life';

/** A sign of life whose beats come through, fail, or hang. */
function scene() {
  const time = new SimulatedTime();
  const process = new SimulatedProcess(time);
  const state = { database: 'there' as 'there' | 'refuses' | 'silent', beats: 0, drops: 0, away: 0, left: 0 };
  const hanging: ((error: Error) => void)[] = [];
  const sign = new SignOfLife({
    clock: process.clock,
    logger: pino({ level: 'silent' }),
    onAway: () => (state.away += 1),
    row: {
      beat: () => {
        if (state.database === 'refuses') return Promise.reject(new Error('refused'));
        if (state.database === 'silent') return new Promise((_, reject) => hanging.push(reject));
        state.beats += 1;
        return Promise.resolve();
      },
      leave: () => {
        state.left += 1;
        return Promise.resolve();
      },
      drop: () => {
        state.drops += 1;
        for (const fail of hanging.splice(0)) fail(new Error('dropped'));
      },
    },
  });
  return { sign, state, process, pass: (ms: number) => time.pass(ms) };
}

test('nothing is proven before the first beat, and no node starts without one', async () => {
  const { sign, state } = scene();
  expect(sign.isProven()).toBe(false);
  state.database = 'refuses';
  await expect(sign.start()).rejects.toThrow('refused');
  expect(sign.isProven()).toBe(false);
});

test('beats twice a second, and is proven all the while', async () => {
  const { sign, state, pass } = scene();
  await sign.start();
  for (let second = 0; second < 10; second += 1) {
    await pass(1_000);
    expect([sign.isProven(), sign.isAway()]).toEqual([true, false]);
  }
  expect(state.beats).toBe(21);
});

test('R9: is not proven any more well before anybody may end the connections', async () => {
  const { sign, state, pass } = scene();
  await sign.start();
  state.database = 'silent';
  await pass(2_000);
  expect(sign.isProven()).toBe(false);
});

test('a beat counts from when it was begun, not from when it came through', async () => {
  const time = new SimulatedTime();
  const { clock } = new SimulatedProcess(time);
  const sign = new SignOfLife({
    clock,
    logger: pino({ level: 'silent' }),
    onAway: () => undefined,
    row: {
      beat: () => new Promise((resolve) => void clock.later(1_500, resolve)),
      leave: () => Promise.resolve(),
      drop: () => undefined,
    },
  });
  const starting = sign.start();
  await time.pass(1_600);
  await starting;
  expect(sign.isProven()).toBe(true);
  await time.pass(500);
  expect(sign.isProven()).toBe(false);
});

test.each(['refuses', 'silent'] as const)('connections to a database that %s are dropped', async (how) => {
  const { sign, state, pass } = scene();
  await sign.start();
  state.database = how;
  await pass(3_400);
  expect([sign.isAway(), state.drops, state.away]).toEqual([false, 0, 0]);
  await pass(400);
  expect([sign.isAway(), state.drops, state.away]).toEqual([true, 1, 1]);
});

test('comes back when the database does, and may be away again', async () => {
  const { sign, state, pass } = scene();
  await sign.start();
  for (const times of [1, 2]) {
    state.database = 'refuses';
    await pass(5_000);
    expect([sign.isAway(), state.away]).toEqual([true, times]);
    state.database = 'there';
    await pass(1_300);
    expect([sign.isAway(), sign.isProven()]).toEqual([false, true]);
  }
});

test('what was connected again, and leads nowhere too, is not waited for any longer than the first', async () => {
  const { sign, state, pass } = scene();
  await sign.start();
  state.database = 'silent';
  await pass(4_000);
  await pass(4_000);
  expect([state.drops, state.away]).toEqual([2, 2]);
  state.database = 'there';
  await pass(5_500);
  expect(sign.isAway()).toBe(false);
});

test("a pause of this process is not the database's silence, and proves nothing", async () => {
  const { sign, state, process, pass } = scene();
  await sign.start();
  await pass(100);
  process.hang();
  await pass(60_000);
  expect(sign.isProven()).toBe(false);
  process.wake('timers');
  await pass(1);
  expect([sign.isProven(), sign.isAway(), state.drops]).toEqual([true, false, 0]);
});

test('writes nothing after it was stopped, and takes its row away', async () => {
  const { sign, state, pass } = scene();
  await sign.start();
  await sign.stop();
  await pass(10_000);
  expect([state.beats, state.left]).toEqual([1, 1]);
});
