// The parts of the configuration that have rules of their own.
import { hostname } from 'node:os';
import { localUrl } from './local-url';
import { readDatabaseUrl } from './database-url';
import { checkNatsFiles } from './nats-files';
import type { Kind } from '../actors/domain/envelope';
import type { Secrets } from './secrets';
import type { Settings } from './settings';

export interface NatsConfig {
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly nkeySeed?: string;
  /** Paths of files. */
  readonly credentials?: string;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** Copies of a stream in a NATS cluster. */
  readonly replicas: number;
}

export interface SandboxConfig {
  /** Where this process serves the platform; 0 = another process does. */
  readonly port: number;
  /** Where this node finds the platform. */
  readonly url: string;
  /** Where customers find its pages. */
  readonly publicUrl: string;
}

/** One URL a kind, all of them undefined when embedded. */
export type DatabaseUrls = Readonly<Record<Kind, string | undefined>>;

export function readDatabaseUrls(settings: Settings): DatabaseUrls {
  const shared = readDatabaseUrl(settings, 'DATABASE_URL');
  const of = (name: string): string | undefined => readDatabaseUrl(settings, name) ?? shared;
  const payment = of('PAYMENT_DATABASE_URL');
  const urls = {
    order: of('ORDER_DATABASE_URL'),
    payment,
    goods: of('GOODS_DATABASE_URL'),
    coupon: of('COUPON_DATABASE_URL'),
    wallet: of('WALLET_DATABASE_URL'),
    // The pay log lives with the payments.
    'pay-log': payment,
  };
  const named = Object.values(urls).filter((url) => url !== undefined);
  if (named.length > 0 && named.length < Object.keys(urls).length) {
    settings.fault('DATABASE_URL', 'is missing: a kind without its own database URL needs it');
  }
  return urls;
}

/** Undefined: the transport within this process. */
export function readNats(settings: Settings, embedded: boolean): NatsConfig | undefined {
  const replicas = settings.integer('NATS_REPLICAS', 1, 1, 5);
  const text = settings.text('NATS_URL');
  if (text === undefined) return undefined;
  if (embedded) settings.fault('NATS_URL', 'needs DATABASE_URL: the embedded database serves one node only');
  const servers = text
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '')
    .map((server) => (server.includes('://') ? server : `nats://${server}`));
  if (servers.length === 0 || !servers.every((server) => URL.canParse(server))) {
    settings.fault('NATS_URL', 'must be one or more URLs such as nats://127.0.0.1:4222, with commas between');
  }
  // The client would pass over it without a word, and be nobody.
  else if (servers.some((server) => new URL(server).username !== '')) {
    settings.fault('NATS_URL', 'must hold no user or token: set NATS_USER and NATS_PASSWORD, or NATS_TOKEN');
  }
  for (const [one, other] of [
    ['NATS_USER', 'NATS_PASSWORD'],
    ['NATS_CERT', 'NATS_KEY'],
  ] as const) {
    if ((settings.text(one) === undefined) !== (settings.text(other) === undefined)) {
      settings.fault(one, `and ${other} go together`);
    }
  }
  const nats = {
    servers,
    replicas,
    ...dropEmpty({
      user: settings.text('NATS_USER'),
      password: settings.text('NATS_PASSWORD'),
      token: settings.text('NATS_TOKEN'),
      nkeySeed: settings.text('NATS_NKEY_SEED'),
      credentials: settings.text('NATS_CREDS'),
      ca: settings.text('NATS_CA'),
      certificate: settings.text('NATS_CERT'),
      key: settings.text('NATS_KEY'),
    }),
  };
  checkNatsFiles(nats, settings);
  return nats;
}

/**
 * The sandbox hands out money for nothing, so without DEMO there is none.
 * @param host what it listens on if this process serves it
 */
export function readSandbox(settings: Settings, demo: boolean, host: string): SandboxConfig | undefined {
  const url = settings.url('SANDBOX_URL', ['http:', 'https:']);
  // Whoever names the platform's place means one that another process serves.
  const port = settings.integer('SANDBOX_PORT', demo && url === undefined ? 3001 : 0, 0, 65_535);
  const publicUrl = settings.url('PUBLIC_SANDBOX_URL', ['http:', 'https:']);
  if (!demo) {
    // Whoever says DEMO=0 has none, even where a compose file still says at which place one would be.
    if (settings.text('DEMO') !== undefined) return undefined;
    if (port !== 0) settings.fault('SANDBOX_PORT', 'must be 0 unless DEMO is 1');
    if (url !== undefined) settings.fault('SANDBOX_URL', 'must not be set unless DEMO is 1');
    return undefined;
  }
  if (port === 0 && url === undefined) return undefined;
  const reached = url ?? localUrl(host, port);
  return { port, url: reached, publicUrl: publicUrl ?? reached };
}

/** @param required whether they must be given: a demo makes its own */
export function readAccess(settings: Settings, required: boolean): Secrets {
  const jwtSecret = settings.text('JWT_SECRET') ?? '';
  const adminToken = settings.text('ADMIN_TOKEN') ?? '';
  if (required && !jwtSecret) settings.fault('JWT_SECRET', 'must be set (at least 32 characters)');
  if (jwtSecret && jwtSecret.length < 32) settings.fault('JWT_SECRET', 'must have at least 32 characters');
  if (required && !adminToken) settings.fault('ADMIN_TOKEN', 'must be set');
  return { jwtSecret, adminToken };
}

/** The name is one token of a NATS subject and a part of an application_name. */
export function readNodeName(settings: Settings): string {
  const host = hostname().replace(/[^\w-]/g, '-');
  const name = settings.text('NODE_NAME') ?? `${host.slice(0, 24)}-${process.pid}`;
  if (!/^[\w-]{1,40}$/.test(name)) {
    settings.fault('NODE_NAME', `must be up to 40 letters, digits, - and _, not '${name}'`);
  }
  return name;
}

/** Only the members that were given. */
export function dropEmpty<Value extends object>(
  values: Value,
): { [Name in keyof Value]?: Exclude<Value[Name], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given) as { [Name in keyof Value]?: Exclude<Value[Name], undefined> };
}
