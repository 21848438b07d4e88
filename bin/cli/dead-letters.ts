// `trade dead-letters list|redrive`: what was given up after three attempts.
import type { Command } from 'commander';
import type { ConsumptionKey } from '../../actors/domain/ports';
import { wantsJson } from './flags';
import { parseLimit, withOperations } from './operator';
import { printJson, printLine, printRows } from './print';

export function deadLetterCommands(program: Command): void {
  const letters = program.command('dead-letters').description('events that were given up');
  letters
    .command('list')
    .description('what was given up, and why')
    .option('--limit <number>', 'at most so many', parseLimit, 50)
    .option('--after <cursor>', 'only those behind <group>|<tag>|<key>, the last one seen')
    .action(async ({ limit, after }: { limit: number; after?: string }, command: Command) => {
      const list = await withOperations(command, (operations) => operations.deadLetters(limit, after));
      if (wantsJson(command)) printJson(list);
      else printRows(list.map((letter) => ({ ...letter })));
    });
  letters
    .command('redrive')
    .description('sends them again, with attempts counted from nothing')
    .option('--group <name>', 'only those of this group')
    .option('--tag <tag>', 'only those with this tag')
    .option('--key <key>', 'only those with this key')
    .option('--all', 'all of them')
    .action(async (options: Partial<ConsumptionKey> & { all?: true }, command: Command) => {
      const { group, tag, key, all } = options;
      const which = {
        ...(group === undefined ? {} : { group }),
        ...(tag === undefined ? {} : { tag }),
        ...(key === undefined ? {} : { key }),
      };
      const isSelected = Object.keys(which).length > 0;
      if (isSelected === (all ?? false)) throw new Error('name --group, --tag or --key, or else give --all');
      const redriven = await withOperations(command, (operations) => operations.redrive(which));
      if (wantsJson(command)) printJson({ redriven });
      else printLine(`${redriven} re-driven`);
    });
}
