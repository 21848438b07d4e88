import { ok, type Envelope } from './domain/envelope';
import { pendingOf, requestOf, type Pending } from './request';
import { Unanswered } from './unanswered';

type Decision = Pending<string, unknown, unknown>;

const APPLIED = { settled: 'applied' } as const;
const CONFLICT = { settled: 'conflict' } as const;
const WITHDRAWN = { settled: 'withdrawn' } as const;

function scene() {
  const answered: unknown[] = [];
  const unanswered = new Unanswered<string, unknown, unknown>(({ after }) => answered.push(after));
  const decided = (name: string, staged: boolean, committer?: object): Decision => {
    const request = requestOf<unknown, unknown>({ command: { type: name } } as Envelope, () => undefined);
    const pending = pendingOf(request, { answer: ok({}) }, name, staged, undefined, committer);
    unanswered.add(pending);
    return pending;
  };
  return {
    unanswered,
    answered,
    commits: (name: string, committer?: object) => decided(name, true, committer),
    refuses: (name: string) => decided(name, false),
    namesOf: (some: readonly Decision[] | undefined) => some?.map(({ after }) => after),
  };
}

it('answers nothing before the commits before it', () => {
  const { unanswered, answered, commits, refuses } = scene();
  const first = commits('first');
  const second = commits('second');
  refuses('refusal');
  unanswered.settle(second, APPLIED);
  unanswered.release(true);
  expect(answered).toEqual([]);
  unanswered.settle(first, APPLIED);
  expect(unanswered.release(true)).toBeUndefined();
  expect(answered).toEqual(['first', 'second', 'refusal']);
  expect(unanswered.count).toBe(0);
});

it('asks for proof of the locks for what has no commit of its own', () => {
  const { unanswered, answered, commits, refuses } = scene();
  unanswered.settle(commits('commit'), APPLIED);
  const refusal = refuses('refusal');
  refuses('another');
  expect(unanswered.release(false)).toBe(refusal);
  expect(answered).toEqual(['commit']);
  refusal.staged = true;
  expect(unanswered.release(false)).toBeUndefined();
  unanswered.settle(refusal, APPLIED);
  expect(unanswered.release(true)).toBeUndefined();
  expect(answered).toEqual(['commit', 'refusal', 'another']);
});

it('gives back what was decided after a commit that failed, once all of it was told', () => {
  const { unanswered, answered, commits, refuses, namesOf } = scene();
  const before = commits('before');
  const failed = commits('failed');
  refuses('refusal');
  const after = commits('after');
  unanswered.settle(before, APPLIED);
  unanswered.settle(failed, CONFLICT);
  expect(unanswered.takeUndone()).toBeUndefined();
  expect([unanswered.isFailing, answered]).toEqual([true, ['before']]);
  expect(unanswered.release(true)).toBeUndefined();
  unanswered.settle(after, WITHDRAWN);
  expect(namesOf(unanswered.takeUndone())).toEqual(['failed', 'refusal', 'after']);
  expect([unanswered.isFailing, unanswered.count, answered]).toEqual([false, 0, ['before']]);
});

it('gives nothing back while no commit has failed', () => {
  const { unanswered, commits } = scene();
  unanswered.settle(commits('one'), APPLIED);
  commits('another');
  expect(unanswered.takeUndone()).toBeUndefined();
  expect([unanswered.isFailing, unanswered.count]).toEqual([false, 2]);
});

describe('a joint commit', () => {
  const orders = {};
  const bookings = {};

  it('may be built upon one of the same committer, and upon nothing else that is under way', () => {
    const { unanswered, commits } = scene();
    expect(unanswered.mayJoin(orders)).toBe(true);
    const joint = commits('joint', orders);
    expect([unanswered.isJoint, unanswered.mayJoin(orders), unanswered.mayJoin(bookings)]).toEqual([
      true,
      true,
      false,
    ]);
    unanswered.settle(joint, APPLIED);
    expect([unanswered.isJoint, unanswered.mayJoin(bookings)]).toEqual([false, true]);
    commits('own');
    expect([unanswered.isJoint, unanswered.mayJoin(orders)]).toEqual([false, false]);
  });

  it('is not built upon what is in doubt, until that was taken back', () => {
    const { unanswered, commits, namesOf } = scene();
    unanswered.settle(commits('joint', orders), CONFLICT);
    expect(unanswered.mayJoin(orders)).toBe(false);
    expect(namesOf(unanswered.takeUndone())).toEqual(['joint']);
    expect(unanswered.mayJoin(orders)).toBe(true);
  });
});

it('lets go of everything when it is told to', () => {
  const { unanswered, answered, commits, refuses, namesOf } = scene();
  commits('commit', {});
  refuses('refusal');
  expect(namesOf(unanswered.takeAll())).toEqual(['commit', 'refusal']);
  expect([unanswered.count, unanswered.isJoint, answered]).toEqual([0, false, []]);
});
