// Ten times what the nodes can take, for a minute.
import { Cluster } from '../reliability/cluster';
import { publish } from '../reliability/figures';
import { floodUnderLoad, SMALL } from '../reliability/flood';

jest.setTimeout(300_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start(SMALL);
}, 90_000);

afterAll(() => cluster.stop());

it('busy or true, bounded, and as before five seconds later', async () => {
  const figures = await floodUnderLoad(cluster, { seed: 104, calmMs: 12_000, floodMs: 60_000 });
  publish('flood', figures);
  expect(Object.keys(figures.othersDuring)).toEqual(['SHOP_BUSY']);
  expect(figures.residentMbMost).toBeLessThan(2 * figures.residentMbBefore + 200);
  expect(figures.backAfterSeconds).toBeLessThanOrEqual(5);
});
