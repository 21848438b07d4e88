import { Snowflake } from '@sapphire/snowflake';
import { RetryableError } from '../actors/domain/errors';
import { isId } from '../actors/domain/ids';
import { createIdSource, type WorkerNumber } from './worker-lease';

const NOW = Date.parse('2026-03-04T05:06:07.089Z');
const snowflakes = new Snowflake(Date.parse('2020-01-01T00:00:00.000Z'));

function given(worker: Partial<WorkerNumber> = {}) {
  const clock = { ms: NOW, nowMs: () => clock.ms };
  const leased: WorkerNumber = { number: 0, untilMs: NOW + 1_000_000, ...worker };
  const state: { leased: WorkerNumber | undefined } = { leased };
  return { clock, state, ids: createIdSource(clock, () => state.leased) };
}

const timeOf = (id: string): number => snowflakes.timestampFrom(id);

test('an id tells its moment and its maker', () => {
  const id = given({ number: 1023 }).ids.next();
  expect(isId(id)).toBe(true);
  expect(snowflakes.deconstruct(id)).toMatchObject({
    timestamp: BigInt(NOW),
    workerId: 31n,
    processId: 31n,
    increment: 0n,
  });
});

test('ids rise, also when a moment has no more of them', () => {
  const { clock, ids } = given();
  const made = Array.from({ length: 10_000 }, () => BigInt(ids.next()));
  clock.ms += 1;
  made.push(BigInt(ids.next()));
  expect(made.every((id, place) => place === 0 || id > made[place - 1]!)).toBe(true);
  expect(timeOf(String(made[4_095]))).toBe(NOW);
  expect(timeOf(String(made[4_096]))).toBe(NOW + 1);
});

test('R17: a clock that goes back a little is not followed', () => {
  const { clock, ids } = given();
  const first = ids.next();
  clock.ms -= 5_000;
  expect(BigInt(ids.next())).toBeGreaterThan(BigInt(first));
});

test('R17: a clock that goes back further makes no ids until it has caught up', () => {
  const { clock, ids } = given();
  ids.next();
  clock.ms -= 5_001;
  expect(() => ids.next()).toThrow(RetryableError);
  clock.ms = NOW + 1;
  expect(timeOf(ids.next())).toBe(NOW + 1);
});

test('no id is made without a worker number', () => {
  const { state, ids } = given();
  state.leased = undefined;
  expect(() => ids.next()).toThrow(RetryableError);
});

test('no id is made of a moment that is not reserved', () => {
  const { clock, ids } = given({ untilMs: NOW });
  ids.next();
  clock.ms += 1;
  expect(() => ids.next()).toThrow(RetryableError);
});

test('ids fit their column for a lifetime', () => {
  const lifetimeOn = Date.parse('2085-01-01T00:00:00.000Z');
  const { clock, ids } = given({ untilMs: lifetimeOn });
  clock.ms = lifetimeOn;
  expect(isId(ids.next())).toBe(true);
});
