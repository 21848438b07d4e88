// `trade dead-letters list|retrying|redrive`: what was given up after three attempts, and what is tried again.
import { Option, type Command } from 'commander';
import ms from 'ms';
import { GROUPS } from '../../actors/domain/events';
import type { Operations } from '../../actors/domain/operations';
import type { ConsumptionKey, DeadLetter } from '../../actors/domain/ports/inbox';
import { wantsJson } from './flags';
import { parseLimit, withOperations } from './operator';
import { printJson, printLine, printRows } from './print';

const GROUP_NAMES = GROUPS.map(({ name }) => name);
const TAGS = [...new Set(GROUPS.map(({ tag }) => tag))];

const STAYED =
  '\nOthers stay: what does not say which order, payment or transaction it is about cannot be sent again, ' +
  'and what failed meanwhile is there anew (dead-letters list).';

export function deadLetterCommands(program: Command): void {
  const letters = program.command('dead-letters').description('events that were given up');
  listCommand(letters, 'list', 'what was given up, and why', (operations, limit, after) =>
    operations.deadLetters(limit, after),
  );
  listCommand(
    letters,
    'retrying',
    'what is tried again by itself, how often it failed, and when',
    (operations, limit, after) => operations.retrying(limit, after),
  );
  letters
    .command('redrive')
    .description('sends them again, with attempts counted from nothing')
    .addOption(new Option('--group <name>', 'only those of this group').choices(GROUP_NAMES))
    .addOption(new Option('--tag <tag>', 'only those with this tag').choices(TAGS))
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
      const { redriven, rest } = await withOperations(command, async (operations) => ({
        redriven: await operations.redrive(which),
        rest: all && !wantsJson(command) ? await operations.deadLetters(1) : [],
      }));
      if (wantsJson(command)) printJson({ redriven });
      else printLine(`${redriven} re-driven${rest.length > 0 ? STAYED : ''}`);
    });
}

function listCommand(
  letters: Command,
  name: string,
  description: string,
  read: (operations: Operations, limit: number, after?: string) => Promise<readonly DeadLetter[]>,
): void {
  letters
    .command(name)
    .description(description)
    .option('--limit <number>', 'at most so many', parseLimit, 50)
    .option('--after <cursor>', 'only those behind <group>|<tag>|<key>, the last one seen')
    .action(async ({ limit, after }: { limit: number; after?: string }, command: Command) => {
      const list = await withOperations(command, (operations) => read(operations, limit, after));
      if (wantsJson(command)) printJson(list);
      else printRows(list.map((letter) => ({ age: ageOf(letter.time), ...letter })));
    });
}

/** How long ago the last attempt ended, for people: `3m`. */
const ageOf = (time: string): string => ms(Date.now() - Date.parse(time));
