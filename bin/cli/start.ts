// `trade start`: one node; run as many as you like against the same servers.
import type { Command } from 'commander';
import { startNode } from '../compose';
import { describeConfig, loadConfig } from '../config';
import { flagsOf } from './flags';
import { createLogger } from './logger';
import { printLine } from './print';
import { untilSignalled } from './until-signalled';
import { welcome } from './welcome';

export function startCommand(program: Command): void {
  program
    .command('start')
    .description('starts a node: the shop, its actors and, in a demo, the sandbox payment platform')
    .action(async (_: object, command: Command) => {
      const config = loadConfig(flagsOf(command));
      const logger = createLogger(config.logLevel);
      logger.info({ config: describeConfig(config) }, 'starting');
      await untilSignalled(
        logger,
        () => startNode(config, logger),
        (node) => {
          logger.info(node.urls, 'ready');
          if (config.demo || process.stdout.isTTY) printLine(welcome(node, config.demo));
        },
      );
      // A handle that something forgot to close must not keep a stopped node alive.
      process.exit(0);
    });
}
