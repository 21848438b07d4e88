// `trade migrate|seed`: tables and demo data.
import type { Command } from 'commander';
import { seedDemo } from '../../persistence/seed';
import { openLedgers } from '../compose-books';
import type { Config } from '../config';
import { wantsJson } from './flags';
import { createLogger } from './logger';
import { operatorConfig } from './operator';
import { printJson, printLine } from './print';
import { findRunningNode } from './running-node';

export function databaseCommands(program: Command): void {
  program
    .command('migrate')
    .description('brings the tables up to date; a node does so itself when it starts')
    .action(async (_: object, command: Command) => {
      const ledgers = await open(operatorConfig(command), 'has done this already');
      await ledgers.close();
      if (wantsJson(command)) printJson({ migrated: true });
      else printLine('the tables are up to date');
    });
  program
    .command('seed')
    .description('adds the demo data that is not there yet; a node with DEMO=1 does so itself')
    .action(async (_: object, command: Command) => {
      const ledgers = await open(operatorConfig(command), 'does this itself if it is started with DEMO=1');
      const added = await seedDemo(ledgers.readers).finally(() => ledgers.close());
      if (wantsJson(command)) printJson(added);
      else printLine(`added ${added.goods} goods, ${added.users} users and ${added.coupons} coupons`);
    });
}

/**
 * These two commands make tables; all others only read them.
 * @param instead what a node does that has the embedded database
 */
async function open(config: Config, instead: string): ReturnType<typeof openLedgers> {
  const node = config.embedded ? await findRunningNode(config.dataDir) : undefined;
  if (node) throw new Error(`a node (process ${node.pid}) runs on ${config.dataDir} and ${instead}`);
  return openLedgers(config, createLogger('warn', 2), { migrates: true });
}
