import fc from 'fast-check';
import { assignShards } from './shard-map';

const NODES = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 9 });

const countOf = (owners: readonly (string | undefined)[], node: string): number =>
  owners.filter((owner) => owner === node).length;

test('without nodes nobody has a shard', () => {
  expect(assignShards(3, [])).toEqual([undefined, undefined, undefined]);
});

test('every shard has one of the nodes, and none has more than its share', () => {
  fc.assert(
    fc.property(NODES, fc.integer({ min: 1, max: 128 }), (nodes, shards) => {
      const owners = assignShards(shards, nodes);
      expect(owners).toHaveLength(shards);
      for (const owner of owners) expect(nodes).toContain(owner);
      for (const node of nodes) {
        expect(countOf(owners, node)).toBeLessThanOrEqual(Math.ceil(shards / nodes.length));
      }
    }),
  );
});

test('every node comes to the same, in whatever order it learned of the others', () => {
  fc.assert(
    fc.property(NODES, (nodes) => {
      expect(assignShards(64, [...nodes].reverse())).toEqual(assignShards(64, nodes));
    }),
  );
});

test('a node that goes leaves most of the others where they are', () => {
  const before = assignShards(64, ['a', 'b', 'c']);
  const after = assignShards(64, ['a', 'b']);
  const moved = before.filter((owner, shard) => owner !== 'c' && owner !== after[shard]);
  expect(moved.length).toBeLessThanOrEqual(8);
});
