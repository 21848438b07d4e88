// Nodes die, hang and are restarted while customers come: nothing is lost or doubled, whoever waits is answered, and
// the others go on (promises 1, 2 and 6). The short forms of test/long.
import { Cluster } from './cluster';
import { publish } from './figures';
import { hangUnderLoad, killUnderLoad, rollingRestart } from './scenarios';

jest.setTimeout(120_000);

/** Nobody waits for ever; how fast it is, is measured by the long forms. */
const ANSWERED_MS = 25_000;

const CALM = { customers: 8, calmMs: 2_000 } as const;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
}, 90_000);

afterAll(() => cluster.stop());

it('kill -9: nothing is lost or doubled, and everybody is answered', async () => {
  const figures = await killUnderLoad(cluster, { ...CALM, seed: 1, rounds: 1, everyMs: 4_000, forMs: 500 });
  publish('short-kill', figures);
  expect(figures.others).toEqual({});
  expect(Math.max(...figures.disturbances.map((one) => one.longestWaitMs))).toBeLessThan(ANSWERED_MS);
});

it('SIGSTOP and SIGCONT: the same, though the node believes that no time has passed', async () => {
  const figures = await hangUnderLoad(cluster, {
    ...CALM,
    seed: 2,
    rounds: 1,
    everyMs: 9_000,
    forMs: 8_000,
  });
  publish('short-hang', figures);
  expect(figures.others).toEqual({});
  expect(Math.max(...figures.disturbances.map((one) => one.longestWaitMs))).toBeLessThan(ANSWERED_MS);
});

it('a rolling restart: who goes to another node when one refuses is always served', async () => {
  const client = { retriesBusy: false, attemptMs: 15_000 };
  const figures = await rollingRestart(cluster, { ...CALM, seed: 3, client });
  publish('short-rolling-restart', figures);
  expect(figures.others).toEqual({});
});
