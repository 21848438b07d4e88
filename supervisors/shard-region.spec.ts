// What a region holds is bounded: commands under way, those at one entity, and entities that nobody asks for any more.
import { start, stop, type ActorSystemRef } from 'nact';
import pino from 'pino';
import { accept, unchanged, type Decider } from '../actors/domain/decision';
import { ok, type Answer, type Envelope } from '../actors/domain/envelope';
import type { Loaded, Settlement } from '../actors/domain/ports/store';
import { keptOfThings } from '../test/helpers/memory';
import { until } from '../test/helpers/until';
import { createShardRegion, type ShardRegion } from './shard-region';

type Command = { readonly type: 'Count' } | { readonly type: 'Find' };

interface Counter {
  readonly count: number;
  readonly ballast?: object;
}

const counter: Decider<Counter, Command, 1, never> = {
  decide: ({ type }, { count } = { count: 0 }) =>
    type === 'Count' ? accept([1], ok(count + 1)) : unchanged(ok(count)),
  evolve: ({ count } = { count: 0 }) => ({ count: count + 1 }),
  recordKey: () => undefined,
  settled: () => undefined,
};

describe('a region', () => {
  let system: ActorSystemRef;
  let region: ShardRegion;
  /** Commits that wait, because the database is slow. */
  let commits: ((settlement: Settlement) => void)[];
  let stored: Counter | undefined;
  beforeEach(() => {
    system = start();
    commits = [];
    stored = undefined;
    region = createShardRegion(
      {
        kind: 'goods',
        system,
        ownership: {
          ownerOf: () => 'here',
          isAlive: () => true,
          doubt: () => undefined,
          holds: () => true,
          takes: () => true,
          termOf: () => 1,
          isProven: () => true,
          onLost: () => undefined,
          onGained: () => undefined,
        },
        router: { ask: () => Promise.reject(new Error('nobody is asked')) },
        clock: { now: () => '', nowMs: () => 0, monotonicMs: () => 0, later: () => () => undefined },
        logger: pino({ level: 'silent' }),
        idleMs: 60_000,
        mostInFlight: 30,
        mostPerEntity: 20,
        mostIdle: 10,
        onBusy: () => undefined,
      },
      {
        decider: counter,
        committer: { stage: (_entry, done) => void commits.push(done), isFresh: () => true },
        loader: {
          load: (requests) =>
            Promise.resolve(
              requests.map((): Loaded<Counter, never> => ({ state: stored, recorded: undefined })),
            ),
        },
      },
    );
  });
  afterEach(async () => {
    await region.drain(0);
    stop(system);
  });

  const ask = (id: string, type: Command['type']): Promise<Answer> => {
    const envelope = { kind: 'goods', id, shard: 0, command: { type }, key: 'k', attempt: 1 };
    return new Promise((resolve) => region.deliver(envelope as Envelope, resolve));
  };
  const busy = { outcome: 'retry', reason: 'busy' };

  test('sends away whom a hot entity has no place for, and serves the others meanwhile', async () => {
    const taken = Array.from({ length: 20 }, () => ask('1', 'Count'));
    await expect(ask('1', 'Count')).resolves.toEqual(busy);
    await expect(ask('2', 'Find')).resolves.toEqual(ok(0));
    await until('all are staged', () => commits.length === 20);
    for (const done of commits) done({ settled: 'applied' });
    expect((await Promise.all(taken)).at(-1)).toEqual(ok(20));
    await expect(ask('1', 'Find')).resolves.toEqual(ok(20));
  });

  test('sends away what is too much for all entities together', async () => {
    const taken = Array.from({ length: 30 }, (_, place) => ask(String(place), 'Count'));
    await expect(ask('99', 'Find')).resolves.toEqual(busy);
    await until('all are staged', () => commits.length === 30);
    for (const done of commits) done({ settled: 'applied' });
    await Promise.all(taken);
    await expect(ask('99', 'Find')).resolves.toEqual(ok(0));
  });

  test('keeps no more idle entities than it may, and none that is at work is forgotten', async () => {
    const working = ask('0', 'Count');
    await until('it is staged', () => commits.length === 1);
    for (let id = 1; id <= 200; id++) {
      await ask(String(id), 'Find');
      expect(region.residents).toBeLessThanOrEqual(12);
    }
    commits[0]?.({ settled: 'applied' });
    await expect(working).resolves.toEqual(ok(1));
    await expect(ask('0', 'Find')).resolves.toEqual(ok(1));
  });

  test('lets go of what a forgotten entity knew', async () => {
    for (let more = 1; more <= 10; more += 1) await ask(`older-${more}`, 'Find');
    const kept = await keptOfThings(async (ballast, number) => {
      stored = { count: 1, ballast };
      const answer = await ask(String(number), 'Find');
      if (answer.outcome !== 'ok') throw new Error(answer.outcome);
      stored = undefined;
    });
    expect(region.residents).toBeLessThanOrEqual(11);
    expect(kept).toBeLessThan(0.2);
  });
});
