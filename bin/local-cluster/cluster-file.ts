// <data-dir>/cluster.json says what runs where in a cluster on this machine, for its owner only: other commands find
// it there, with the environment that they need. It is there while the cluster is.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, processName } from '../../persistence/processes';

export interface ClusterProcess {
  readonly name: string;
  /** Undefined while it is away. */
  readonly pid: number | undefined;
  /** The process under a name that no later one gets. */
  readonly process: string | undefined;
  readonly url: string;
  readonly log: string;
}

export interface LocalCluster {
  /** Of the script that started it. */
  readonly process: string;
  readonly nodes: readonly ClusterProcess[];
  readonly sandbox: ClusterProcess | undefined;
  /** Those that the script started. */
  readonly servers: readonly ClusterProcess[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What other commands need of the environment; the rest of it is nobody's business. */
const NEEDED = /^(([A-Z]+_)?DATABASE_URL|NATS_.*|DATA_DIR|DEMO|SHARDS|JWT_SECRET|ADMIN_TOKEN|SANDBOX_.*)$/;

const pathIn = (dataDir: string): string => join(dataDir, 'cluster.json');

/** Whoever reads at the same time reads the file before or the one after. */
export function writeCluster(dataDir: string, cluster: LocalCluster): void {
  const draft = `${pathIn(dataDir)}.${process.pid}`;
  const environment = Object.fromEntries(
    Object.entries(cluster.environment).filter(([name]) => NEEDED.test(name)),
  );
  writeFileSync(draft, `${JSON.stringify({ ...cluster, environment }, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, pathIn(dataDir));
}

export const forgetCluster = (dataDir: string): void => rmSync(pathIn(dataDir), { force: true });

/** @returns undefined if none runs there; a file left behind by a crash counts as none */
export function findCluster(dataDir: string): LocalCluster | undefined {
  let cluster: LocalCluster;
  try {
    cluster = JSON.parse(readFileSync(pathIn(dataDir), 'utf8')) as LocalCluster;
  } catch {
    return undefined;
  }
  return isSame(cluster.process) ? cluster : undefined;
}

/** Whether the process that had this name is still there. */
export function isSame(name: string): boolean {
  const pid = Number(name.split(' ')[0]);
  return isAlive(pid) && processName(pid) === name;
}
