// Nodes come and go, hang and are cut off, in simulated time: what each believes stays within what the locks say.
import { PLACING_KINDS } from '../actors/domain/joint';
import { SimulatedCluster, type SimulatedNode } from '../test/simulation/simulated-cluster';

let cluster: SimulatedCluster;
beforeEach(() => (cluster = new SimulatedCluster()));

const start = (...names: string[]) => cluster.start(...names) as Promise<[SimulatedNode, ...SimulatedNode[]]>;
/** Waits until these nodes, and no others, share everything. @returns the milliseconds that it took */
const shared = (withinMs: number, ...nodes: readonly SimulatedNode[]) => {
  const names = nodes.map(({ name }) => name).join(', ');
  return cluster.until(`${names} to share everything`, () => cluster.isShared(...nodes), withinMs);
};
async function three(): Promise<[SimulatedNode, SimulatedNode, SimulatedNode]> {
  const nodes = (await start('a', 'b', 'c')) as [SimulatedNode, SimulatedNode, SimulatedNode];
  await shared(2_000, ...nodes);
  // So that everybody has listened for long enough to fence.
  await cluster.pass(5_000);
  cluster.database.gapsMs.length = 0;
  return nodes;
}
const longestGapMs = () => Math.max(0, ...cluster.database.gapsMs);

describe('nodes that come', () => {
  test('one alone has everything', async () => {
    const [a] = await start('a');
    await shared(500, a);
    expect(cluster.shares()).toEqual({ a: 12 });
    expect(a.ownership.unowned('order')).toBe(0);
  });

  test('three that start at once share evenly', async () => {
    await three();
    expect(cluster.shares()).toEqual({ a: 4, b: 4, c: 4 });
  });

  test('one more gets its share, each shard from hand to hand within a moment', async () => {
    const nodes = await three();
    const [d] = await start('d');
    await shared(3_000, ...nodes, d);
    expect(cluster.shares()).toEqual({ a: 3, b: 3, c: 3, d: 3 });
    expect(longestGapMs()).toBeLessThanOrEqual(200);
  });

  test('and until the one before lets go, it takes nothing', async () => {
    const [a] = await start('a');
    await shared(500, a);
    for (let shard = 0; shard < 12; shard += 1) a.busy.add(shard);
    const b = cluster.add('b');
    await cluster.until('a to let go', () => a.held('order') === 6, 4_000);
    expect([b.held('order'), longestGapMs()]).toEqual([0, 0]);
    await shared(1_000, a, b);
    expect(longestGapMs()).toBeLessThanOrEqual(200);
  });
});

describe('nodes that go', () => {
  test('one that leaves hands everything over, and nobody has to be fenced', async () => {
    const [a, b, c] = await three();
    const leaving = c.leave();
    await shared(1_000, a, b);
    await leaving;
    expect(longestGapMs()).toBeLessThanOrEqual(200);
    expect(a.ownership.isAlive('c')).toBe(false);
  });

  test('one that leaves while it is getting shards lets go of them too', async () => {
    const [a] = await start('a');
    await shared(500, a);
    const b = cluster.add('b');
    const isOnItsWay = () => cluster.shares()['b'] === 6 && b.held('order') === 0;
    await cluster.until('shards on their way to b', isOnItsWay, 3_000);
    const leaving = b.ownership.leave();
    await shared(1_000, a);
    await leaving;
    expect(b.held('order')).toBe(0);
  });

  test('one that is killed is replaced within 3 s, and what waits for it is ended', async () => {
    const [a, b, c] = await three();
    c.process.die();
    expect(await shared(3_000, a, b)).toBeLessThan(3_000);
    expect([a, b].map(({ givenUpOn }) => givenUpOn)).toEqual([['c'], ['c']]);
  });

  test('one of which the broker says that nobody listens is replaced at once', async () => {
    const [a, b, c] = await three();
    c.process.die();
    await cluster.pass(10);
    for (const { ownership } of [a, b]) ownership.doubt('c');
    expect(a.ownership.isAlive('c')).toBe(false);
    expect(await shared(3_000, a, b)).toBeLessThan(500);
  });

  test('one that is doubted and lives keeps its shards, and is believed again with its next heartbeat', async () => {
    const [a, b, c] = await three();
    const before = cluster.owners();
    a.ownership.doubt('c');
    expect(a.ownership.unowned('order')).toBe(4);
    await shared(700, a, b, c);
    expect(cluster.owners()).toEqual(before);
    expect(longestGapMs()).toBe(0);
  });

  test('one whose machine is gone is fenced, because its connections are not', async () => {
    const [a, b, c] = await three();
    c.cutOff('database');
    c.process.die();
    await shared(8_000, a, b);
  });
});

describe('nodes that are told to stop together', () => {
  test('keep their shards for what is under way: there is nobody to hand them over to', async () => {
    const nodes = await three();
    const before = cluster.owners();
    await Promise.all([...nodes.map(({ ownership }) => ownership.leave()), cluster.pass(5_000)]);
    expect(cluster.owners()).toEqual(before);
    expect(cluster.isShared(...nodes)).toBe(true);
    expect(longestGapMs()).toBe(0);
    expect(nodes.map(({ ownership }) => ownership.isLeaving)).toEqual([true, true, true]);
  });

  test('and have nothing under way any more, hand over to those that still have', async () => {
    const [a, b, c] = await three();
    await Promise.all([...[a, b, c].map(({ ownership }) => ownership.leave()), cluster.pass(100)]);
    void b.ownership.finish();
    await shared(1_000, a, c);
    void a.ownership.finish();
    await shared(1_000, c);
    expect(longestGapMs()).toBeLessThanOrEqual(200);
    void c.ownership.finish();
    await cluster.until('nobody to have any', () => Object.keys(cluster.shares()).length === 0, 1_000);
  });

  test.each([1, 4, 7, 20, 49, 51, 60, 300])(
    'but each %i ms after the one before, still share everything',
    async (skewMs) => {
      const nodes = await three();
      for (const { ownership } of nodes) {
        void ownership.leave();
        await cluster.pass(skewMs);
      }
      await shared(1_000, ...nodes);
      expect(longestGapMs()).toBeLessThanOrEqual(400);
    },
  );

  test('but one of them while the other is handing over to it, share what nobody has', async () => {
    const [a, b] = (await start('a', 'b')) as [SimulatedNode, SimulatedNode];
    await shared(2_000, a, b);
    cluster.owners().forEach((owner, shard) => owner === 'a' && a.busy.add(shard));
    void a.ownership.leave();
    await cluster.pass(1_000);
    expect(a.held('order')).toBe(6);
    void b.ownership.leave();
    await cluster.until('a to let go', () => a.held('order') === 0, 2_000);
    await shared(1_000, a, b);
  });
});

describe.each(['timers', 'sockets'] as const)(
  'one that hangs, and on waking gets to its %s first',
  (first) => {
    test('is fenced and replaced within 8 s; when it wakes it gives up at once, and gets its share back', async () => {
      const [a, b, c] = await three();
      c.process.hang();
      await shared(8_000, a, b);
      await cluster.pass(20_000);
      expect(c.held('order')).toBe(4);
      expect(c.ownership.isProven('order')).toBe(false);
      c.process.wake(first);
      await cluster.pass(1);
      expect(c.held('order')).toBe(0);
      await cluster.pass(3);
      // What it believed before it hung is told to nobody.
      expect(cluster.isShared(a, b)).toBe(true);
      cluster.database.gapsMs.length = 0;
      await shared(5_000, a, b, c);
      expect(longestGapMs()).toBeLessThanOrEqual(400);
    });

    test('does not bury the others for its own pause', async () => {
      const [a, b, c] = await three();
      const { length } = c.givenUpOn;
      const before = cluster.owners();
      c.process.hang();
      await cluster.pass(1_400);
      c.process.wake(first);
      await cluster.pass(1_000);
      expect(c.givenUpOn).toHaveLength(length);
      expect(cluster.owners()).toEqual(before);
      expect(cluster.isShared(a, b, c)).toBe(true);
    });

    test('sees as soon as ever who died in its pause', async () => {
      const [a, b, c] = await three();
      c.process.hang();
      await cluster.pass(14_000);
      b.process.die();
      await cluster.pass(100);
      c.process.wake(first);
      await shared(4_000, a, c);
    });

    test('and was meanwhile started anew under its name, ends when it wakes', async () => {
      const [a, b, c] = await three();
      c.process.hang();
      await shared(8_000, a, b);
      const again = cluster.add('c');
      await shared(3_000, a, b, again);
      c.process.wake(first);
      await cluster.pass(1_000);
      expect(c.ended).toBe('superseded');
      expect(cluster.isShared(a, b, again)).toBe(true);
    });
  },
);

describe('what only looks like a heartbeat', () => {
  const own = async (): Promise<{
    node: SimulatedNode;
    beat: object;
    tell: (message: string) => Promise<void>;
  }> => {
    const [node, other] = await start('a', 'b');
    await shared(2_000, node, ...cluster.nodes.slice(1));
    let beat = {};
    cluster.broker.listen(node.process, (message) => {
      const heard = JSON.parse(message) as { node: string };
      if (heard.node === 'a') beat = heard;
    });
    await cluster.until('a heartbeat', () => 'node' in beat, 1_000);
    const tell = async (message: string): Promise<void> => {
      cluster.broker.broadcast((other ?? node).process, message);
      await cluster.pass(200);
    };
    return { node, beat, tell };
  };

  test.each([
    ['a later start, from a time that has not come', { incarnation: 'z', startedMs: 1e15 }],
    ['a later start, from no time at all', { incarnation: 'z', startedMs: 1e300 }],
    ['a node with a name of many lines', { incarnation: 'z', node: 'c\n{"level":60}' }],
    ['a node with a name without end', { incarnation: 'z', node: 'x'.repeat(100_000) }],
    ['a start without a name', { incarnation: '' }],
  ])('is not believed: %s', async (_what, members) => {
    const { node, beat, tell } = await own();
    await tell(JSON.stringify({ ...beat, ...members }));
    expect(node.ended).toBeUndefined();
    expect(cluster.isShared(...cluster.nodes)).toBe(true);
  });
});

describe('nodes that are cut off', () => {
  test('from the broker alone: it gives its shards up by itself, and gets them back', async () => {
    const [a, b, c] = await three();
    const before = cluster.owners();
    c.cutOff('broker');
    await cluster.pass(3_000);
    expect(cluster.owners()).toEqual(before);
    await shared(2_000, a, b);
    expect(longestGapMs()).toBeLessThanOrEqual(200);
    expect(c.held('order')).toBe(0);
    c.reconnect('broker');
    await shared(3_000, a, b, c);
  });

  test('from the database alone: it drops its connections, the others fence it, and it comes back', async () => {
    const [a, b, c] = await three();
    c.cutOff('database');
    await cluster.until('c to give up', () => c.held('order') === 0, 7_000);
    await shared(3_000, a, b);
    c.reconnect('database');
    await shared(12_000, a, b, c);
  });

  test('from both: it gives up, and is fenced', async () => {
    const [a, b, c] = await three();
    c.cutOff('broker');
    c.cutOff('database');
    await shared(8_000, a, b);
    await cluster.until('c to give up', () => c.held('order') === 0, 1_000);
    c.reconnect('broker');
    c.reconnect('database');
    await shared(12_000, a, b, c);
  });

  test('everybody from the broker: all come back to all shards', async () => {
    const nodes = await three();
    cluster.broker.isUp = false;
    await cluster.pass(20_000);
    cluster.broker.isUp = true;
    await shared(3_000, ...nodes);
  });

  test('everybody from the broker, and one dies meanwhile or as soon as it is back', async () => {
    const [a, b, c, d] = (await start('a', 'b', 'c', 'd')) as SimulatedNode[];
    await cluster.pass(5_000);
    cluster.broker.isUp = false;
    await cluster.pass(1_000);
    c!.process.die();
    await cluster.pass(10_000);
    cluster.broker.isUp = true;
    await cluster.pass(510);
    d!.process.die();
    await shared(4_000, a!, b!);
  });

  test('everybody from the database, for a moment or for long: all come back to all shards', async () => {
    const nodes = await three();
    for (const ms of [500, 20_000]) {
      cluster.database.stop();
      await cluster.pass(ms);
      expect(nodes.map((node) => node.held('order'))).toEqual([0, 0, 0]);
      cluster.database.isUp = true;
      await shared(12_000, ...nodes);
    }
  });

  test('one connection, for a moment: its node takes the same shards again', async () => {
    const [a, b, c] = await three();
    const before = cluster.owners();
    c.connections.get('payment')?.drop();
    await cluster.pass(20);
    expect([c.held('payment'), c.held('goods')]).toEqual([0, 4]);
    await shared(3_000, a, b, c);
    expect(cluster.owners()).toEqual(before);
  });

  test.each(['order', 'goods', 'joint'] as const)(
    'the connection of %s: those of a joint commit go together, and come back together',
    async (member) => {
      const [a, b, c] = await three();
      const before = cluster.owners();
      c.connections.get(member)?.drop();
      await cluster.pass(20);
      expect(PLACING_KINDS.map((kind) => c.held(kind))).toEqual([0, 0, 0, 0]);
      expect(c.held('payment')).toBe(4);
      await shared(3_000, a, b, c);
      expect(cluster.owners()).toEqual(before);
    },
  );
});

test('nothing is handed to a node that others do not know of, for it would not take it', async () => {
  const [a, b, c] = await three();
  // They hear each other, and d hears all; but of d only a hears.
  const { isLost } = cluster.broker;
  cluster.broker.isLost = () => false;
  b.cutOff('broker');
  c.cutOff('broker');
  const d = cluster.add('d');
  await cluster.pass(1_200);
  expect(cluster.shares()).toEqual({ a: 4, b: 4, c: 4 });
  b.reconnect('broker');
  c.reconnect('broker');
  cluster.broker.isLost = isLost;
  await shared(5_000, a, b, c, d);
  expect(longestGapMs()).toBeLessThanOrEqual(200);
});

describe('R18: nodes that do not belong here', () => {
  test('one whose name is taken is refused, and the one that has it goes on', async () => {
    const [a] = await start('a');
    const again = cluster.add('a');
    await cluster.pass(2_000);
    expect(again.ended).toBe('a node called a is running already: NODE_NAME must be unique');
    expect(a.ended).toBeUndefined();
    await shared(500, a);
  });

  test('of two that start under one name one starts', async () => {
    const [one, two] = await start('a', 'a');
    await cluster.pass(2_000);
    const ended = [one, two!].map(({ ended }) => ended);
    expect(ended.filter((reason) => reason === 'another node called a is starting')).toHaveLength(1);
    expect(ended).toContain(undefined);
  });

  test('one of another deployment is refused, and disturbs nobody', async () => {
    const nodes = await three();
    const stranger = cluster.add('d', 'two');
    await cluster.pass(2_000);
    expect(stranger.ended).toMatch(
      /^the node \w at the same broker belongs to deployment one with 12 shards, this/,
    );
    expect(cluster.isShared(...nodes)).toBe(true);
    expect(longestGapMs()).toBe(0);
  });
});
