import { keptOfThings } from '../test/helpers/memory';
import { Pending } from './pending';

const late = new Error('late');

function open(pending: Pending<string>, timeoutMs: number) {
  let id = 0;
  const result = new Promise<string>((resolve, reject) => {
    id = pending.open({ resolve, reject }, timeoutMs);
  });
  result.catch(() => undefined);
  return { id, result };
}

describe('Pending', () => {
  let pending: Pending<string>;

  beforeEach(() => {
    pending = new Pending(() => late);
  });
  afterEach(() => {
    pending.failAll();
  });

  it('numbers questions one by one and gives each its own result', async () => {
    const [one, two] = [open(pending, 10_000), open(pending, 10_000)];
    expect(two.id).toBe(one.id + 1);
    pending.settle(two.id, 'second');
    pending.settle(two.id, 'too often');
    pending.settle(99, 'nobody');
    pending.fail(one.id, new Error('first'));
    await expect(two.result).resolves.toBe('second');
    await expect(one.result).rejects.toThrow('first');
  });

  it('ends questions in the order of their times, and none early', async () => {
    const ended: number[] = [];
    const since = performance.now();
    const questions = [150, 1, 60].map((ms) =>
      open(pending, ms).result.catch(() => {
        expect(performance.now() - since).toBeGreaterThanOrEqual(ms);
        ended.push(ms);
      }),
    );
    await Promise.all(questions);
    expect(ended).toEqual([1, 60, 150]);
  });

  it('sweeps again after it had nothing to do', async () => {
    await expect(open(pending, 1).result).rejects.toBe(late);
    await expect(open(pending, 1).result).rejects.toBe(late);
  });

  it('lets go of who is answered', async () => {
    const nobody = { resolve: () => undefined, reject: () => undefined };
    for (let more = 0; more < 5; more += 1) pending.open(nobody, 10_000);
    const kept = await keptOfThings((thing) => {
      const id = pending.open({ resolve: () => thing, reject: () => thing }, 10_000);
      pending.settle(id - 5, 'answer');
    });
    expect(kept).toBeLessThan(0.2);
  });

  it('can end them all', async () => {
    const { result } = open(pending, 10_000);
    pending.failAll();
    await expect(result).rejects.toBe(late);
  });
});
