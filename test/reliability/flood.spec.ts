// A wall of load bends, it does not break (promise 7). The short form of test/long/flood.spec.ts.
import { Cluster } from './cluster';
import { publish } from './figures';
import { floodUnderLoad, SMALL } from './flood';

jest.setTimeout(120_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start(SMALL);
}, 90_000);

afterAll(() => cluster.stop());

it('ten times the demand that can be met: busy or true, and bounded', async () => {
  const figures = await floodUnderLoad(cluster, { seed: 20, calmMs: 3_000, floodMs: 3_000 });
  publish('short-flood', figures);
  expect(Object.keys(figures.othersDuring)).toEqual(['SHOP_BUSY']);
  expect(figures.trueAnswersPerSecondDuring).toBeGreaterThan(0);
  expect(figures.residentMbMost).toBeLessThan(2 * figures.residentMbBefore + 200);
});
