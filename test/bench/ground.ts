// What all measurements of a run share: one PostgreSQL that promises to keep what it has committed, the platform's keys,
// and what takes long to make, such as signatures.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../bin/local-servers/account';
import { startPostgres } from '../../bin/local-servers/postgres';
import { openKeys, type SandboxKeys } from '../../bin/sandbox/keys';
import { keptSecrets } from '../../bin/secrets';
import { signToken } from '../helpers/node';
import { signedCallback } from './requests';

export interface GroundServer {
  readonly url: string;
  /** Of its first process; without one its CPU time is not counted. */
  readonly pid?: number;
}

/** fsync and synchronous_commit are on, as they are unless somebody turns them off. */
const SETTINGS = ['shared_buffers=256MB', 'max_wal_size=4GB'];

export class Ground {
  /** Of all nodes and the platform: its keys and their secrets. */
  readonly dataDir = mkdtempSync(join(temporaryFolder(), 'trade-bench-'));
  private readonly keys: SandboxKeys = openKeys(this.dataDir);
  private readonly secret = keptSecrets(this.dataDir).jwtSecret;
  private readonly tokens = new Map<string, string>();
  private readonly signed: string[] = [];
  private server: Promise<GroundServer & { stop?(): Promise<void> }> | undefined;

  /** @param given a server that runs already; else one is started when it is needed */
  constructor(given?: GroundServer) {
    if (given) this.server = Promise.resolve(given);
    process.once('exit', this.removeFolder);
  }

  postgres(): Promise<GroundServer> {
    this.server ??= startPostgres({ settings: SETTINGS });
    return this.server;
  }

  /** A customer's token; made once, because the client must be cheap. */
  tokenOf(userId: string): string {
    const known = this.tokens.get(userId);
    if (known !== undefined) return known;
    const token = signToken(this.secret, userId);
    this.tokens.set(userId, token);
    return token;
  }

  /** The platform's callbacks for so many payments. A signature takes most of a millisecond, so they are kept. */
  callbacks(count: number): readonly string[] {
    while (this.signed.length < count)
      this.signed.push(signedCallback(this.signed.length + 1, (bytes) => this.keys.sign(bytes)));
    return this.signed.slice(0, count);
  }

  async close(): Promise<void> {
    await (await this.server?.catch(() => undefined))?.stop?.();
    process.off('exit', this.removeFolder);
    this.removeFolder();
  }

  /** Also when a signal ends us; the servers have guardians. */
  private readonly removeFolder = (): void => rmSync(this.dataDir, { recursive: true, force: true });
}
