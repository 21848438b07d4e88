import type { ClusterStatus } from '../cluster-status';
import { clusterTables, rangesOf } from './cluster-tables';

const STATUS: ClusterStatus = {
  time: '2026-01-01T00:00:00.000Z',
  nodes: [
    {
      node: 'node-1',
      url: 'http://127.0.0.1:3000',
      incarnation: 'aaaaaaaaaaaa',
      since: '2026-01-01T00:00:00.000Z',
      heartbeatAgeMs: 1_240,
      state: 'up',
      shards: { order: 61 },
    },
  ],
  free: { order: [0, 1, 63] },
  outbox: { unsent: 4, sent: 2 },
  deadLetters: 1,
  broker: 'CONNECTION_REFUSED',
};

it.each([
  [[], ''],
  [[4], '4'],
  [[0, 1, 2, 5, 7, 8], '0-2, 5, 7-8'],
])('writes %j as "%s"', (numbers, text) => {
  expect(rangesOf(numbers)).toBe(text);
});

it('shows the nodes, the shards without an owner, and that NATS is away', () => {
  const text = clusterTables(STATUS);
  expect(text).toMatch(/node-1 .* http:\/\/127.0.0.1:3000 .* aaaaaaaaaaaa .* 1.2 s ago .* up .* 61 /);
  expect(text).toContain('shards without an owner: order 0-1, 63');
  expect(text).toContain('NATS does not answer: CONNECTION_REFUSED');
  expect(text).toContain('outbox: 4 to be sent, 2 wait for their groups; dead letters: 1');
});

it('says so when nobody is there and when nothing is amiss', () => {
  const broker = { streams: [], groups: [] };
  const text = clusterTables({ ...STATUS, nodes: [], free: {}, broker });
  expect(text).toContain('no node runs');
  expect(text).toContain('every shard has an owner');
});
