import { ok, retry, silence, type Answer, type Envelope } from '../actors/domain/envelope';
import { id, type GoodsId } from '../actors/domain/ids';
import { TransportError } from '../actors/domain/ports/transport';
import { createRouter } from './router';
import { shardOf } from './shard';

const goodsId = id<GoodsId>('345959443973935104');
const command = { kind: 'goods', id: goodsId, command: { type: 'FindGoods' }, key: 'k', attempt: 1 } as const;

/** A router whose owner answers as told; a pause takes no time but moves the clock. */
function scene(...script: (Answer | TransportError)[]) {
  return sceneWith(true, ...script);
}

function sceneWith(isAlive: boolean, ...script: (Answer | TransportError)[]) {
  const sent: Envelope[] = [];
  const doubted: string[] = [];
  let now = 0;
  const router = createRouter({
    transport: {
      send: (_node, envelope) => {
        sent.push(envelope);
        const next = script.length > 1 ? script.shift() : script[0];
        return next instanceof TransportError ? Promise.reject(next) : Promise.resolve(next ?? ok({}));
      },
    },
    ownership: { ownerOf: () => 'node', isAlive: () => isAlive, doubt: (node) => doubted.push(node) },
    clock: {
      now: () => new Date(now).toISOString(),
      // Somebody sets the time of day meanwhile.
      nowMs: () => 1_000 * now,
      monotonicMs: () => now,
      later: (afterMs, run) => {
        now += afterMs;
        run();
        return () => undefined;
      },
    },
    shards: 64,
    timeoutMs: 100,
    deadlineMs: 1_000,
  });
  return { router, sent, doubted };
}

test.each([
  ['nobody listens', new TransportError('no-responders', '')],
  ['the broker is away', new TransportError('disconnected', '')],
  ['the owner is another', retry('not-owner')],
  ['the shard is moving', retry('moving')],
  ['the owner is busy', retry('busy')],
  ['the database is away', retry('unavailable')],
])('R10: while %s it sends again, as a repeat', async (_what, trouble) => {
  const { router, sent } = scene(trouble, trouble, ok({}));
  expect(await router.ask(command)).toEqual(ok({}));
  expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
});

test('an owner that nobody listens for is doubted at once', async () => {
  const { router, doubted } = scene(new TransportError('no-responders', ''), ok({}));
  await router.ask(command);
  expect(doubted).toEqual(['node']);
});

test('R10: silence of an owner that is dead or cut off is no fault: its successor is asked', async () => {
  const { router, sent } = sceneWith(false, new TransportError('timeout', 'silent'), ok({}));
  expect(await router.ask(command)).toEqual(ok({}));
  expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2]);
});

test('R10: what cannot be delivered until the deadline is given back, and is no fault', async () => {
  const { router, sent } = scene(retry('unavailable'));
  expect(await router.ask(command)).toEqual(retry('unavailable'));
  expect(sent.length).toBeGreaterThan(3);
});

test("R10: silence from a live owner, a refusal and 'not yet' are the caller's to judge", async () => {
  for (const [said, heard] of [
    [new TransportError('timeout', 'silent'), silence('silent')],
    [retry('not-yet'), retry('not-yet')],
  ] as const) {
    const { router, sent } = scene(said);
    expect(await router.ask(command)).toEqual(heard);
    expect(sent).toHaveLength(1);
  }
});

test('shards are the same for ever, in range, and even', () => {
  expect(shardOf('345959443973935104', 64)).toBe(shardOf('345959443973935104', 64));
  const counts = new Array<number>(64).fill(0);
  for (let n = 0; n < 64_000; n++) {
    const shard = shardOf(String(912_698_853_423_775_744n + BigInt(n) * 4_096n), 64);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(500);
  expect(Math.max(...counts)).toBeLessThan(1_500);
});

test('the shard of an id never changes: data depends on it', () => {
  expect(['1', '345959443973935104', '345963634385633280'].map((one) => shardOf(one, 64)))
    .toMatchInlineSnapshot(`
   [
     28,
     34,
     28,
   ]
  `);
});
