// The sole reader of the environment: defaults, then .env, then environment, then flags; checked, then frozen.
import { parse } from 'dotenv';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  dropEmpty,
  readAccess,
  readDatabaseUrls,
  readNats,
  readNodeName,
  readSandbox,
  type DatabaseUrls,
  type NatsConfig,
  type SandboxConfig,
} from './config-sections';
import { localUrl } from './local-url';
import { keptSecrets, secretsIn, type Secrets } from './secrets';
import { ConfigError, Settings, type Values } from './settings';

export type { DatabaseUrls, NatsConfig, SandboxConfig } from './config-sections';
export { ConfigError } from './settings';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface Config {
  readonly nodeName: string;
  readonly dataDir: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly shards: number;
  /** Demo data, demo tokens and the sandbox platform. */
  readonly demo: boolean;
  /** PGlite in dataDir: no database server was named. */
  readonly embedded: boolean;
  readonly http: { readonly host: string; readonly port: number; readonly publicUrl: string };
  /** Undefined: there is none, and no payment can be made at it. */
  readonly sandbox: SandboxConfig | undefined;
  readonly databaseUrls: DatabaseUrls;
  /** Undefined: the transport within this process. */
  readonly nats: NatsConfig | undefined;
  /** Empty texts for commands that serve nothing (`serving: false`) where no demo's are kept. */
  readonly access: Secrets;
  readonly orders: {
    readonly expiresAfterMs: number;
    readonly placeDeadlineMs: number;
    readonly stepTimeoutMs: number;
    readonly confirmEvents: boolean;
    readonly maxInFlight: number;
  };
}

export interface LoadOptions {
  /** Whether secrets are needed, and made for a demo: true for a node, false for a command that only reads the books. */
  readonly serving?: boolean;
  readonly envFile?: string;
}

/**
 * Reads and checks the whole configuration.
 * @param flags by option name in camelCase: `--database-url` is `databaseUrl`
 * @throws ConfigError with a line for each fault
 */
export function loadConfig(flags: Values, env: Values = process.env, options: LoadOptions = {}): Config {
  const settings = new Settings(flags, [env, readEnvFile(options.envFile ?? '.env')]);
  const databaseUrls = readDatabaseUrls(settings);
  const embedded = Object.values(databaseUrls).every((url) => url === undefined);
  const demo = settings.flag('DEMO', embedded);
  if (demo && settings.text('NODE_ENV') === 'production') {
    settings.fault('DEMO', 'must not be 1 when NODE_ENV is production');
  }
  const dataDir = resolve(settings.text('DATA_DIR') ?? '.data');
  const port = settings.integer('PORT', 3000, 1, 65_535);
  const host = settings.text('HOST') ?? (embedded ? '127.0.0.1' : '0.0.0.0');
  const config: Omit<Config, 'access'> = {
    nodeName: readNodeName(settings),
    dataDir,
    logLevel: settings.oneOf('LOG_LEVEL', 'info', LOG_LEVELS),
    shards: settings.integer('SHARDS', 64, 1, 4_096),
    demo,
    embedded,
    http: {
      host,
      port,
      publicUrl: settings.url('PUBLIC_URL', ['http:', 'https:']) ?? localUrl(host, port),
    },
    sandbox: readSandbox(settings, demo, host),
    databaseUrls,
    nats: readNats(settings, embedded),
    orders: {
      expiresAfterMs: settings.durationMs('ORDER_EXPIRES_AFTER', '30m'),
      placeDeadlineMs: settings.durationMs('PLACE_DEADLINE', '10s'),
      stepTimeoutMs: settings.durationMs('STEP_TIMEOUT', '2s'),
      confirmEvents: settings.flag('ORDER_CONFIRM_EVENTS', false),
      maxInFlight: settings.integer('MAX_IN_FLIGHT', 2_000, 1, 1_000_000),
    },
  };
  const serving = options.serving ?? true;
  const given = readAccess(settings, serving && !demo);
  if (settings.faults.length > 0) throw new ConfigError(settings.faults);
  const access =
    demo && (!given.jwtSecret || !given.adminToken)
      ? { ...given, ...(serving ? keptSecrets : secretsIn)(dataDir), ...dropEmpty(given) }
      : given;
  return freeze({ ...config, access });
}

/** What the one line at start-up says: everything, the secrets masked. */
export function describeConfig(config: Config): Record<string, unknown> {
  const { nats, databaseUrls, ...rest } = config;
  const masked = (secret: string | undefined): string | undefined => (secret ? '***' : undefined);
  return {
    ...rest,
    databaseUrls: Object.fromEntries(Object.entries(databaseUrls).map(([kind, url]) => [kind, maskUrl(url)])),
    nats: nats && {
      ...nats,
      password: masked(nats.password),
      token: masked(nats.token),
      nkeySeed: masked(nats.nkeySeed),
    },
    access: { jwtSecret: masked(config.access.jwtSecret), adminToken: masked(config.access.adminToken) },
  };
}

/** The environment with .env beneath it, for programs that this one looks for and starts. */
export const givenEnvironment = (env: Values = process.env, envFile = '.env'): Values => ({
  ...readEnvFile(envFile),
  ...dropEmpty(env),
});

function maskUrl(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const masked = new URL(url);
  if (masked.password) masked.password = '***';
  // PostgreSQL takes a password as a parameter, too.
  if (masked.searchParams.has('password')) masked.searchParams.set('password', '***');
  return masked.toString();
}

function readEnvFile(path: string): Values {
  try {
    return parse(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigError([`${path} cannot be read: ${(error as Error).message}`]);
  }
}

function freeze<Value extends object>(value: Value): Readonly<Value> {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) freeze(member as object);
  return Object.freeze(value);
}
