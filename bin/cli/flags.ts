// The settings that may be given as flags too. Secrets may not: other users of the machine see flags.
import type { Command } from 'commander';
import type { Values } from '../settings';

const FLAGS: readonly (readonly [flags: string, description: string])[] = [
  ['--data-dir <folder>', 'the embedded database, the demo secrets, the sandbox (DATA_DIR, .data)'],
  ['--database-url <url>', 'PostgreSQL for all kinds (DATABASE_URL; without it the embedded database)'],
  ['--nats-url <urls>', 'NATS servers, with commas between (NATS_URL; without it within this process)'],
  ['--port <number>', 'the HTTP bridge (PORT, 3000)'],
  ['--host <address>', 'what the bridge listens on (HOST; this machine only when embedded)'],
  ['--public-url <url>', "the bridge's address as others see it (PUBLIC_URL)"],
  ['--demo [0|1]', 'demo data, demo tokens and the sandbox platform (DEMO; 1 when embedded)'],
  ['--no-demo', 'none of them'],
  ['--sandbox-port <number>', 'the sandbox payment platform, 0 = off (SANDBOX_PORT, 3001)'],
  ['--sandbox-url <url>', 'the platform that another process serves (SANDBOX_URL)'],
  ['--shards <number>', 'fixed once the database holds data (SHARDS, 64)'],
  ['--order-expires-after <time>', 'how long an order may stay unpaid (ORDER_EXPIRES_AFTER, 30m)'],
  ['--node-name <name>', 'unique per node (NODE_NAME; host and process id)'],
  ['--log-level <level>', 'fatal, error, warn, info, debug, trace or silent (LOG_LEVEL, info)'],
];

/** Adds the flags to a command; they may also stand behind its subcommands. */
export function addConfigFlags(command: Command): Command {
  for (const [flags, description] of FLAGS) command.option(flags, description);
  return command;
}

/** The flags that were given, as the configuration reads them. */
export const flagsOf = (command: Command): Values =>
  Object.fromEntries(
    Object.entries(command.optsWithGlobals()).flatMap(([name, value]) => {
      if (typeof value === 'string') return [[name, value]];
      return typeof value === 'boolean' ? [[name, value ? '1' : '0']] : [];
    }),
  );

export const wantsJson = (command: Command): boolean => command.optsWithGlobals()['json'] === true;
