// All nodes are stopped and started again, one after the other, under load: no request fails and none takes long.
import { Cluster } from '../reliability/cluster';
import { publish } from '../reliability/figures';
import { rollingRestart } from '../reliability/scenarios';
import { IN_EARNEST, STEADY } from './demand';

jest.setTimeout(300_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start(IN_EARNEST);
}, 90_000);

afterAll(() => cluster.stop());

it('no request fails, and none takes longer than two seconds', async () => {
  const client = { retriesBusy: false, attemptMs: 15_000 };
  const figures = await rollingRestart(cluster, { seed: 103, ...STEADY, calmMs: 12_000, client });
  publish('rolling-restart', figures);
  expect(figures.others).toEqual({});
  expect(Math.max(...Object.values(figures.times).map(({ maxMs }) => maxMs))).toBeLessThan(2_000);
});
