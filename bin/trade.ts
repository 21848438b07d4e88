#!/usr/bin/env node
// The command line: starts nodes, and shows an operator what they do. Ends with 0, 1 if it failed (or the
// audit found something), 2 if the configuration is wrong.
import { Command } from 'commander';
import { auditCommand } from './cli/audit';
import { clusterCommands } from './cli/cluster';
import { databaseCommands } from './cli/databases';
import { deadLetterCommands } from './cli/dead-letters';
import { addConfigFlags } from './cli/flags';
import { orderCommands } from './cli/orders';
import { outboxCommands } from './cli/outbox';
import { sandboxCommand } from './cli/sandbox';
import { startCommand } from './cli/start';
import { ConfigError } from './config';
import { versionAbove } from './version';

const program = addConfigFlags(new Command('trade'))
  .description("A shop's back end for orders and payments that stays correct when anything dies.")
  .option('--json', 'answers as JSON, for machines')
  .version(versionAbove(__dirname), '--version', 'the version of this program')
  // The whole help would push the error off the screen.
  .showHelpAfterError('Help: trade --help, or --help after a command');

for (const add of [
  startCommand,
  databaseCommands,
  sandboxCommand,
  orderCommands,
  deadLetterCommands,
  outboxCommands,
  auditCommand,
  clusterCommands,
]) {
  add(program);
}

program.parseAsync().catch((error: unknown) => {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  process.stderr.write(lines.map((line) => `trade: ${line}\n`).join(''));
  process.exit(error instanceof ConfigError ? 2 : 1);
});
