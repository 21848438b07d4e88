// What all operators' commands share: the running node if there is one on the embedded database, else the
// databases themselves.
import type { Command } from 'commander';
import { join } from 'node:path';
import { isId } from '../../actors/domain/ids';
import type { Operations } from '../../actors/domain/operations';
import { openLedgers } from '../compose-books';
import { loadConfig, type Config } from '../config';
import { findCluster, type LocalCluster } from '../local-cluster/cluster-file';
import { flagsOf } from './flags';
import { createLogger } from './logger';
import { createRemoteOperations } from './remote-operations';
import { findRunningNode } from './running-node';

/**
 * The configuration of a command that serves nothing: no secrets are needed. A cluster that runs on this machine is
 * known by its data folder, if that is named, or if no database is.
 * @param places see localCluster
 */
export function operatorConfig(command: Command, places?: readonly string[]): Config {
  const flags = flagsOf(command);
  const config = loadConfig(flags, undefined, { serving: false });
  if (!config.embedded && flags['dataDir'] === undefined) return config;
  const cluster = localCluster(config.dataDir, places);
  if (!cluster) return config;
  return loadConfig({}, cluster.environment, { serving: false, envFile: '/dev/null' });
}

/** @param places under the data folder, where a cluster of this machine may be */
export const localCluster = (dataDir: string, places: readonly string[] = ['.']): LocalCluster | undefined =>
  places.flatMap((place) => findCluster(join(dataDir, place)) ?? [])[0];

/**
 * Runs a command on the node's own operations or on the databases. One that is interrupted leaves nothing behind that goes on
 * at a server.
 */
export async function withOperations<Result>(
  command: Command,
  run: (operations: Operations) => Promise<Result>,
): Promise<Result> {
  const config = operatorConfig(command);
  const node = config.embedded ? await findRunningNode(config.dataDir) : undefined;
  if (node) return run(createRemoteOperations(node));
  const ledgers = await openLedgers(config, createLogger('warn', 2), { migrates: false });
  let interrupted: Promise<never> | undefined;
  const interrupt = (signal: NodeJS.Signals): void => {
    interrupted ??= ledgers
      .close()
      .finally(() => process.exit(signal === 'SIGINT' ? 130 : 143)) as Promise<never>;
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await run(ledgers.operations);
  } finally {
    // What it fails of then is the interruption.
    await (interrupted ?? ledgers.close());
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** Commander's parser of an id. @throws Error with one clear line */
export function parseId(text: string): string {
  if (!isId(text)) throw new Error(`'${text}' is no id: ids are numbers, such as 345959443973935104`);
  return text;
}

/** Commander's parser of a limit. @throws Error with one clear line */
export function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) throw new Error('--limit must be from 1 to 200');
  return limit;
}
