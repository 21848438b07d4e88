// The simulation bites: every fault that is planted in the code is found within so many seeds, and where none is
// planted nothing is found in as many.
import { run } from '../../bin/local-servers/cache';
import { join } from 'node:path';
import { inLanes } from '../../bin/load/lanes';
import { CATALOGUE } from '../mutations/catalogue';
import { huntBySimulation, type Hunt } from '../mutations/hunt';
import { plant, PROJECT } from '../mutations/plant';

/** A few need several faults of the world to coincide. */
const SEEDS = 3_000;
const AT_ONCE = 2;

jest.setTimeout(3_600_000);

const simulated = CATALOGUE.filter(({ unseen }) => unseen === undefined);
const hunts = new Map<string | undefined, Hunt>();

beforeAll(async () => {
  run('npm', ['run', '--silent', 'build:proof'], PROJECT);
  await inLanes(AT_ONCE, [undefined, ...simulated], async (mutation) => {
    const hunt = await huntBySimulation(plant(mutation, join(PROJECT, '.cache', 'proof')), SEEDS);
    hunts.set(mutation?.name, hunt);
    console.log(`${mutation?.name ?? 'none'}: ${hunt.found[0] ?? 'nothing'} after ${hunt.seeds} seeds`);
  });
});

it('finds nothing where nothing is planted', () => {
  expect(hunts.get(undefined)?.found).toEqual([]);
});

it.each(simulated.map(({ name, breaks }) => [name, breaks]))('finds %s (%s)', (name) => {
  expect(hunts.get(name)?.found).not.toEqual([]);
});
