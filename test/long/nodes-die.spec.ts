// Every 20 seconds for three minutes a node is killed with kill -9, and started again a second later; and the same
// with SIGSTOP, and SIGCONT ten seconds later.
import { Cluster } from '../reliability/cluster';
import { publish } from '../reliability/figures';
import { hangUnderLoad, killUnderLoad } from '../reliability/scenarios';
import { IN_EARNEST, STEADY } from './demand';

jest.setTimeout(600_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start(IN_EARNEST);
}, 90_000);

afterAll(() => cluster.stop());

const ROUNDS = { ...STEADY, calmMs: 12_000, rounds: 9, everyMs: 20_000 };

it.each([
  { name: 'kill', scenario: killUnderLoad, seed: 101, forMs: 1_000, waitMs: 10_000 },
  { name: 'hang', scenario: hangUnderLoad, seed: 102, forMs: 10_000, waitMs: 15_000 },
])('$name: nothing is lost or doubled, nobody waits for long, and it is soon as before', async (given) => {
  const { name, scenario, seed, forMs, waitMs } = given;
  const figures = await scenario(cluster, { ...ROUNDS, seed, forMs });
  publish(name, figures);
  expect(figures.others).toEqual({});
  for (const one of figures.disturbances) {
    expect(one).toMatchObject({ backAfterSeconds: expect.any(Number) as number });
    expect(one.longestWaitMs).toBeLessThan(waitMs);
  }
});
