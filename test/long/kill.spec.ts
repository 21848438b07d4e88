// kill -9 of one node every 20 seconds for three minutes, each started again a second later.
import { Cluster } from '../reliability/cluster';
import { publish } from '../reliability/figures';
import { killUnderLoad } from '../reliability/scenarios';
import { IN_EARNEST, STEADY } from './demand';

jest.setTimeout(600_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start(IN_EARNEST);
}, 90_000);

afterAll(() => cluster.stop());

it('nothing is lost or doubled, nobody waits for long, and it is soon as before', async () => {
  const figures = await killUnderLoad(cluster, {
    seed: 101,
    ...STEADY,
    calmMs: 12_000,
    rounds: 9,
    everyMs: 20_000,
    forMs: 1_000,
  });
  publish('kill', figures);
  expect(figures.others).toEqual({});
  for (const one of figures.disturbances) {
    expect(one).toMatchObject({ backAfterSeconds: expect.any(Number) as number });
    expect(one.longestWaitMs).toBeLessThan(10_000);
  }
});
