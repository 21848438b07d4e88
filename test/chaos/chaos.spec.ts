// A short run of chaos with every kind of fault, in every test run; the long ones are in test/long.
import { publish } from '../reliability/figures';
import { FAULT_NAMES } from './faults';
import { runChaos } from './run';

jest.setTimeout(180_000);

it('nothing is lost, doubled or untrue, whatever fails', async () => {
  const lines: string[] = [];
  const options = { seed: 1, seconds: 25, nodes: 3, natsServers: 1, customers: 16, everyMs: 1_000 } as const;
  const { broken, ...figures } = await runChaos(options, (line) => void lines.push(line));
  publish('short-chaos', figures);
  if (broken.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
  expect({ seed: options.seed, broken }).toEqual({ seed: options.seed, broken: [] });
  expect(Object.keys(figures.faults).sort()).toEqual([...FAULT_NAMES].sort());
  expect(figures.confirmed).toBeGreaterThan(0);
});
