import type { InboxClaim } from '../actors/domain/envelope';
import { CountedAttempts, type CountingOptions } from './counted-attempts';

const claim: InboxClaim = { group: 'g', tag: 'pay_refund', key: 'T1', messageId: 'm', body: '' };

function scene(keep: () => Promise<void> = () => Promise.resolve()) {
  const timers: { readonly afterMs: number; readonly run: () => void }[] = [];
  const kept: unknown[] = [];
  const inbox: Pick<CountingOptions['inbox'], 'keep'> = {
    keep: (key) => {
      kept.push(key);
      return keep();
    },
  };
  const attempts = new CountedAttempts({
    inbox: inbox as CountingOptions['inbox'],
    clock: {
      now: () => '2026-01-01T00:00:00.000Z',
      nowMs: () => 0,
      monotonicMs: () => 0,
      later: (afterMs, run) => {
        const timer = { afterMs, run };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    },
    logger: undefined as never,
    isStopping: () => false,
    onOutcome: () => undefined,
  });
  return { attempts, timers, kept, next: () => timers.shift()?.run() };
}

test('an attempt says that it is under way for as long as it takes, and no longer', async () => {
  const { attempts, timers, kept, next } = scene();
  let end = (_outcome: string): void => undefined;
  const outcome = attempts.during(claim, () => new Promise<string>((resolve) => (end = resolve)));
  expect(kept).toEqual([]);
  for (let times = 1; times <= 3; times += 1) {
    expect(timers.map(({ afterMs }) => afterMs)).toEqual([5_000]);
    next();
    expect(kept).toHaveLength(times);
  }
  expect(kept[0]).toBe(claim);
  end('done');
  await expect(outcome).resolves.toBe('done');
  expect(timers).toEqual([]);
});

test('neither a database that is away nor its own failure leaves anything behind', async () => {
  const { attempts, timers, kept, next } = scene(() => Promise.reject(new Error('away')));
  let fail = (_error: Error): void => undefined;
  const outcome = attempts.during(claim, () => new Promise<string>((_resolve, reject) => (fail = reject)));
  next();
  fail(new Error('no'));
  await expect(outcome).rejects.toThrow('no');
  expect([kept.length, timers]).toEqual([1, []]);
});
