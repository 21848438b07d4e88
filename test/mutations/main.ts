// `npm run mutations`: plants each fault of the catalogue and tells whether the simulation finds it, and with --chaos
// whether chaos does. Ends with 1 if a fault is not found, or if something is found where none was planted.
import { Command } from 'commander';
import { dirname } from 'node:path';
import { tableOf } from '../../bin/cli/print';
import { whole } from '../helpers/whole-option';
import { inLanes } from '../../bin/load/lanes';
import { CATALOGUE } from './catalogue';
import { huntByChaos, huntBySimulation, type Hunt } from './hunt';
import type { Mutation } from './mutation';
import { plant } from './plant';

interface Flags {
  readonly seeds: number;
  readonly jobs: number;
  readonly only?: string[];
  readonly chaos?: true;
  readonly chaosSeeds: number;
  readonly chaosSeconds: number;
}

const WIDEST_REPORT = 110;
/** The compiled project that this file is part of. */
const COMPILED = dirname(dirname(__dirname));

const program = new Command('mutations')
  .description('Plants faults in the code, one at a time, and tells whether and how soon they are found.')
  .option('--seeds <count>', 'how many seeds the simulation may take', whole(1), 300)
  .option('--jobs <count>', 'how many faults at once', whole(1), 2)
  .option('--only <names...>', 'these faults; none stands for the code as it is')
  .option('--chaos', 'let chaos find them instead of the simulation')
  .option('--chaos-seeds <count>', 'how many seeds chaos may take', whole(1), 3)
  .option('--chaos-seconds <count>', 'how long each takes', whole(1), 45);

/** None stands first: it is the control. */
function chosen({ only, chaos }: Flags): readonly (Mutation | undefined)[] {
  const all = [undefined, ...CATALOGUE.filter(({ unseen }) => chaos ?? unseen === undefined)];
  return only ? all.filter((mutation) => only.includes(mutation?.name ?? 'none')) : all;
}

async function hunt(mutation: Mutation | undefined, flags: Flags): Promise<Hunt> {
  const tree = plant(mutation, COMPILED);
  const { seeds, chaos, chaosSeeds, chaosSeconds } = flags;
  return chaos ? huntByChaos(tree, chaosSeeds, chaosSeconds) : huntBySimulation(tree, seeds);
}

async function run(flags: Flags): Promise<number> {
  let wrong = 0;
  // Two clusters at once would only wait for each other.
  const rows = await inLanes(flags.chaos ? 1 : flags.jobs, chosen(flags), async (mutation) => {
    const { found, seeds, seconds } = await hunt(mutation, flags);
    const isFound = found.length > 0;
    if (isFound !== (mutation !== undefined)) wrong += 1;
    const name = mutation?.name ?? 'none';
    console.log(`${name}: ${isFound ? 'found' : 'nothing found'} after ${seeds} seeds, ${seconds} s`);
    for (const line of found) console.log(`  ${line.slice(0, 2 * WIDEST_REPORT)}`);
    return {
      fault: name,
      breaks: mutation?.breaks ?? '',
      seeds: isFound ? seeds : `none in ${seeds}`,
      report: (found[0] ?? '').slice(0, WIDEST_REPORT),
    };
  });
  console.log(tableOf(rows));
  return wrong;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
void run(program.parse().opts<Flags>()).then((wrong) => (process.exitCode = wrong === 0 ? 0 : 1));
