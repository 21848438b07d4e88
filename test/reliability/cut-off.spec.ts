// A network that swallows everything between one node and its servers: the others take its shards over, customers of
// the others hardly notice, and when the network is back the node is one of them again.
import type { Proxy } from '../helpers/proxy';
import { until } from '../helpers/until';
import { Cluster } from './cluster';
import { publish } from './figures';
import { underLoad } from './under-load';

jest.setTimeout(120_000);

const SHARDS = 64;
const KINDS = 6;
const TAKEN_OVER_MS = 30_000;
const BACK_MS = 30_000;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start({ wired: true });
}, 90_000);

afterAll(() => cluster.stop());

const wiresTo = (name: 'PostgreSQL' | 'NATS'): readonly Proxy[] => {
  const wires = cluster.wires.at(-1);
  return (name === 'NATS' ? wires?.nats : wires && [wires.postgres]) ?? [];
};

/** Of all kinds together. */
const held = async (node: string): Promise<number> => (await cluster.shardsByNode()).get(node) ?? 0;
const heldByAll = async (): Promise<number> =>
  [...(await cluster.shardsByNode()).values()].reduce((sum, shards) => sum + shards, 0);

it.each([
  { names: ['PostgreSQL'], seed: 11 },
  { names: ['NATS'], seed: 12 },
  { names: ['PostgreSQL', 'NATS'], seed: 13 },
] as const)('a node that is cut off from $names', async ({ names, seed }) => {
  const cutOff = cluster.nodes.at(-1)?.env['NODE_NAME'] ?? '';
  const cut = names.flatMap(wiresTo);
  const spans = { takenOverMs: 0, backMs: 0 };
  const urls = cluster.nodes.slice(0, -1).map((node) => node.url);
  const figures = await underLoad(
    cluster,
    { seed, customers: 4, calmMs: 1_000, client: { urls } },
    async (tell) => {
      tell(`cut off from ${names.join(' and ')}`);
      const cutMs = performance.now();
      for (const wire of cut) wire.cut();
      await until(
        'its shards to be taken over',
        async () => (await held(cutOff)) === 0 && (await heldByAll()) === SHARDS * KINDS,
        TAKEN_OVER_MS,
      );
      spans.takenOverMs = Math.round(performance.now() - cutMs);
      const mendedMs = performance.now();
      for (const wire of cut) wire.mend();
      await until('it to have shards again', async () => (await held(cutOff)) > 0, BACK_MS);
      spans.backMs = Math.round(performance.now() - mendedMs);
    },
  );
  publish(`short-cut-off-${names.join('-')}`, { ...spans, ...figures });
  expect(figures.others).toEqual({});
});
