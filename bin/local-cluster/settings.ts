// What a cluster on this machine is made of, from flags and environment.
import { resolve } from 'node:path';
import { dropEmpty } from '../config-sections';
import { readDatabaseUrl } from '../database-url';
import { keptSecrets } from '../secrets';
import { ConfigError, Settings, type Values } from '../settings';

export interface ClusterSettings {
  readonly nodes: number;
  /** The nodes' ports are the free ones from here on. */
  readonly port: number;
  readonly dataDir: string;
  /** What the nodes and the sandbox listen on. */
  readonly host: string;
  /** Undefined: the servers are given. */
  readonly natsServers: number | undefined;
  readonly demo: boolean;
  /** What all processes of the cluster share; the URLs of servers of our own are still to come. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What each process gets from us alone. */
const OURS = /^(NODE_NAME|PORT|PUBLIC_URL|SANDBOX_PORT|SANDBOX_URL|PUBLIC_SANDBOX_URL)$/;
/** What says where servers are. */
const SERVERS = /^([A-Z]+_)?DATABASE_URL$|^NATS_/;

/**
 * @param flags by option name in camelCase
 * @throws ConfigError with a line for each fault
 */
export function readClusterSettings(flags: Values, env: Values): ClusterSettings {
  const settings = new Settings(flags, [env]);
  const only = new Settings(flags, []);
  const nodes = only.integer('NODES', 3, 1, 32);
  const natsServers = only.integer('NATS_SERVERS', 3, 1, 5);
  if (natsServers % 2 === 0)
    only.fault('NATS_SERVERS', 'must be 1, 3 or 5: an even number is no safer than one less');
  const dataDir = resolve(only.text('DATA_DIR') ?? '.data/cluster');
  const host = settings.text('HOST') ?? '127.0.0.1';
  const port = settings.integer('PORT', 3_000, 1, 65_000);
  const databaseUrl = readDatabaseUrl(settings, 'DATABASE_URL');
  const natsUrl = settings.text('NATS_URL');
  if ((databaseUrl === undefined) !== (natsUrl === undefined)) {
    settings.fault('DATABASE_URL', 'and NATS_URL go together: without both, servers are started here');
  }
  const areOurs = databaseUrl === undefined;
  const demo = settings.flag('DEMO', areOurs);
  const faults = [...only.faults.map(asFlag), ...settings.faults];
  if (faults.length > 0) throw new ConfigError(faults);
  const { jwtSecret, adminToken } = keptSecrets(dataDir);
  const inherited = Object.entries(dropEmpty(env)).filter(
    ([name]) => !OURS.test(name) && !(areOurs && SERVERS.test(name)),
  );
  return {
    ...{ nodes, port, dataDir, host, demo },
    natsServers: areOurs ? natsServers : undefined,
    environment: {
      JWT_SECRET: jwtSecret,
      ADMIN_TOKEN: adminToken,
      ...Object.fromEntries(inherited as [string, string][]),
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...(natsUrl === undefined ? {} : { NATS_URL: natsUrl }),
      DATA_DIR: dataDir,
      HOST: host,
      DEMO: demo ? '1' : '0',
      SANDBOX_PORT: '0',
    },
  };
}

/** `NATS_SERVERS` is no variable of the environment here. */
const asFlag = (fault: string): string =>
  fault.replace(/^[A-Z_]+/, (name) => `--${name.toLowerCase().replaceAll('_', '-')}`);
