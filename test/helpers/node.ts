// A node as a user starts it: `trade start` as a process of its own, on its own ports, data folder and servers. It
// is gone when the test is, however the test ends; when a test fails, the end of its log is printed.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectFolder } from '../../bin/local-servers/cache';
import { copyEmbedded } from './pglite-template';
import { freePort, onAPort } from './free-port';
import { freshBooks } from './node-books';
import { startNats, type NatsServer } from './server-nats';
import { Scratch } from './server-scratch';
import { whenATestFails } from './test-failure';
import { until } from './until';

export type Environment = Readonly<Record<string, string>>;

export interface TestNode {
  readonly url: string;
  readonly sandboxUrl: string;
  readonly env: Environment;
  readonly dataDir: string;
  /** Of DATA_DIR/secrets.json. */
  readonly adminToken: string;
  /** The process's number while it runs. */
  pid(): number;
  running(): boolean;
  /** A customer's token, as a shop's own login would sign it; for any id, also for nobody's. */
  token(userId: string): string;
  /** Everything that was logged so far, over all lives. */
  logs(): string;
  /** SIGINT, as Ctrl-C, unless another is named. @throws Error unless it ends with 0 in time */
  stop(signal?: 'SIGINT' | 'SIGTERM'): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again with the same ports, folder and servers, after stopping it if it runs. */
  restart(more?: Environment): Promise<void>;
  /** Ends it, if it runs, and takes away its folder and what was opened for it. For afterAll; never throws. */
  remove(): Promise<void>;
}

export interface Backend {
  readonly name: string;
  /** Whether PostgreSQL and NATS are real. */
  readonly real: boolean;
  /** A node with everything that it needs, fresh. */
  readonly open: (env?: Environment) => Promise<TestNode & { readonly nats: NatsServer | undefined }>;
}

const ROOT = projectFolder(__dirname);
const PROGRAM = join('bin', 'trade.js');
/** What this file was compiled with, if it was. */
const BESIDE = join(__dirname, '..', '..');
/** The compiled code: what TRADE_TREE names, else what this file is compiled with, else `dist`. */
const TREE = resolve(
  process.env['TRADE_TREE'] ?? (existsSync(join(BESIDE, PROGRAM)) ? BESIDE : join(ROOT, 'dist')),
);
const START_MS = 60_000;
const STOP_MS = 20_000;
const TAIL_LINES = 60;

/**
 * Starts a node and waits until it is ready. Nothing of this process's environment reaches it.
 * @param given e.g. those of freshBooks, and NATS_URL; ports, folder and DEMO are added
 * @param onRemove ends what was opened for this node
 */
export async function startTestNode(
  given: Environment = {},
  onRemove: () => Promise<void> = () => Promise.resolve(),
): Promise<TestNode> {
  const scratch = Scratch.open('node');
  const dataDir = given['DATA_DIR'] ?? join(scratch.path, 'data');
  const embedded = !Object.keys(given).some((name) => name.endsWith('DATABASE_URL'));
  if (embedded && given['DATA_DIR'] === undefined) await copyEmbedded(dataDir);
  const life = new Life(scratch);
  const begin = async (port: number) => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: scratch.path,
      DEMO: '1',
      HOST: '127.0.0.1',
      PORT: String(port),
      SANDBOX_PORT: String(await freePort()),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'info',
      ...given,
    };
    await life.begin(env);
    return env;
  };
  const asked = given['PORT'] === undefined ? undefined : Number(given['PORT']);
  const forget = whenATestFails(() => `The node's log:\n${life.tail()}`);
  const remove = async (): Promise<void> => {
    forget();
    await life.end('SIGKILL');
    scratch.release();
    await onRemove().catch(() => undefined);
  };
  let env: Environment & { readonly HOST: string };
  try {
    ({ server: env } = await onAPort(asked, begin));
  } catch (error) {
    await remove();
    throw error;
  }
  const secrets = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as Secrets;
  const stop: TestNode['stop'] = async (signal = 'SIGINT') => {
    const code = await life.end(signal);
    if (code !== 0) throw new Error(`The node ended with ${code} on ${signal}\n${life.tail()}`);
  };
  return {
    url: `http://${env.HOST}:${env['PORT']}`,
    sandboxUrl: env['SANDBOX_URL'] ?? `http://${env.HOST}:${env['SANDBOX_PORT']}`,
    env,
    dataDir,
    adminToken: secrets.adminToken,
    pid: () => life.pid(),
    running: () => life.running(),
    token: (userId) => signToken(secrets.jwtSecret, userId),
    logs: () => life.logs(),
    stop,
    kill: async () => {
      await life.end('SIGKILL');
    },
    restart: async (more = {}) => {
      if (life.running()) await stop();
      await life.begin({ ...env, ...more });
    },
    remove,
  };
}

const openEmbedded = async (env: Environment = {}) => ({ ...(await startTestNode(env)), nats: undefined });

/** Stream names are fixed, so the node has a broker to itself. */
const openReal = async (env: Environment = {}) => {
  const [books, nats] = await Promise.all([freshBooks(), startNats()]);
  const node = await startTestNode({ ...books.env, NATS_URL: nats.url, ...env }, async () => {
    await Promise.allSettled([books.drop(), nats.stop()]);
  });
  return { ...node, nats };
};

export const BACKENDS: readonly Backend[] = [
  { name: 'embedded', real: false, open: openEmbedded },
  { name: 'PostgreSQL and NATS', real: true, open: openReal },
];

interface Secrets {
  readonly jwtSecret: string;
  readonly adminToken: string;
}

/** The process, one after the other; a guardian ends it if the test runner is gone. */
class Life {
  private child: ReturnType<typeof spawn> | undefined;
  /** The exit code, or the signal that ended it; undefined while it runs. */
  private exit: number | string | undefined = 'never started';

  constructor(private readonly scratch: Scratch) {}

  running(): boolean {
    return this.exit === undefined;
  }

  pid(): number {
    if (this.child?.pid === undefined || !this.running()) throw new Error('The node does not run');
    return this.child.pid;
  }

  logs(): string {
    return existsSync(this.scratch.log) ? readFileSync(this.scratch.log, 'utf8') : '';
  }

  tail(): string {
    return this.logs().split('\n').slice(-TAIL_LINES).join('\n');
  }

  /** @throws Error with the end of the log if it does not become ready */
  async begin(env: Environment): Promise<void> {
    const log = openSync(this.scratch.log, 'a');
    const child = spawn(process.execPath, [join(TREE, PROGRAM), 'start'], {
      cwd: this.scratch.path,
      detached: true,
      env,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    this.exit = undefined;
    child.once('error', (error) => (this.exit = String(error)));
    child.once('exit', (code, signal) => {
      this.exit = code ?? signal ?? 'no code';
      this.scratch.holdsNothing();
    });
    if (child.pid !== undefined) this.scratch.holds(child.pid, 'SIGKILL');
    // Something else may listen on a port that was free: a node has written its secrets before it listens.
    const secrets = join(env['DATA_DIR'] ?? '', 'secrets.json');
    const ready = async (): Promise<boolean> =>
      !this.running() ||
      (existsSync(secrets) && (await fetch(`http://${env['HOST']}:${env['PORT']}/readyz`)).ok);
    try {
      await until('the node to be ready', ready, START_MS);
      if (!this.running()) throw new Error(`The node ended with ${this.exit} while starting`);
    } catch (error) {
      const tail = this.tail();
      await this.end('SIGKILL');
      throw new Error(`${String(error)}\n${tail}`, { cause: error });
    }
  }

  /** @returns how it ended: its exit code or the signal */
  async end(signal: NodeJS.Signals): Promise<number | string | undefined> {
    if (!this.running()) return this.exit;
    this.child?.kill(signal);
    // A test may have suspended it, and then it would hear nothing.
    this.child?.kill('SIGCONT');
    await until(`the node to end on ${signal}`, () => !this.running(), STOP_MS).catch(
      async (error: unknown) => {
        this.child?.kill('SIGKILL');
        await until('the node to be gone', () => !this.running());
        throw error;
      },
    );
    return this.exit;
  }
}

/** HS256 with JWT_SECRET, `sub` = userId: what a shop's own login makes. */
export function signToken(secret: string, userId: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const parts = [
    { alg: 'HS256', typ: 'JWT' },
    { sub: userId, iat: now, exp: now + 3_600 },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signed = parts.join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
