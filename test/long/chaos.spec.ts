// Ten minutes of chaos. SEEDS=1,2,3 names the seeds, the first of them on a cluster of three nats-servers; SECONDS
// another length.
import { runChaos } from '../chaos/run';
import { publish } from '../reliability/figures';

const SECONDS = Number(process.env['SECONDS'] ?? 600);
const SEEDS = (process.env['SEEDS'] ?? '1,2').split(',').map(Number);

/** The cluster comes up, and all that is half-way comes to its end. */
const AROUND_MS = 300_000;

jest.setTimeout(SECONDS * 1_000 + AROUND_MS);

const runs = SEEDS.map((seed, place) => ({ seed, natsServers: place === 0 ? 3 : 1 }) as const);

it.each(runs)(
  'seed $seed with $natsServers nats-servers: nothing is lost, doubled or untrue',
  async (run) => {
    const { seed } = run;
    const options = { ...run, seconds: SECONDS, nodes: 3, customers: 16, everyMs: 2_500 };
    const say = (line: string): void => void process.stderr.write(`seed ${seed}  ${line}\n`);
    const { broken, ...figures } = await runChaos(options, say);
    publish(`chaos-${seed}`, figures);
    expect({ seed, broken }).toEqual({ seed, broken: [] });
  },
);
