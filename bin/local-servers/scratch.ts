// A directory for one server. It and the server are gone when the process that started them ends, however it
// ends: a guardian in its own session reads from a pipe, and the system closes that pipe even on kill -9.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isAlive } from '../../persistence/processes';
import { temporaryFolder } from './account';
import { until } from './until';

const GUARDIAN = `
cat >/dev/null
if read -r pid signal <"$1/server.pid"; then
  # Up to 5 s: even a killed process takes a while to go.
  until_gone() { tries=0; while kill -0 "$pid" && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done; }
  kill -"$signal" "$pid"; kill -CONT "$pid"; until_gone
  kill -KILL "$pid" && until_gone
  # A successor may have written its own by now.
  read -r last rest <"$1/server.pid"; [ "$last" = "$pid" ] && rm -f "$1/server.pid"
fi 2>/dev/null
[ "$2" = keep ] || rm -rf "$1"
`;

/** Longer than a guardian needs. */
const PREDECESSOR_MS = 12_000;

export class Scratch {
  /** The latest server that runs here, or did: a successor waits for it to be gone. */
  server:
    { readonly exited: Promise<string>; running(): boolean; stop(): Promise<void>; kill(): void } | undefined;

  private constructor(
    readonly path: string,
    private readonly mine: boolean,
    private readonly guardian: ChildProcess,
  ) {}

  private static readonly known = new Map<string, Scratch>();

  /** A new directory or, with a path, that one: it is removed in the end only if an earlier call made it. */
  static open(kind: string, given?: string): Scratch {
    const path =
      given === undefined ? mkdtempSync(join(temporaryFolder(), `trade-${kind}-`)) : resolve(given);
    const before = Scratch.known.get(path);
    if (before !== undefined) return before;
    mkdirSync(path, { recursive: true });
    const guardian = spawn('sh', ['-c', GUARDIAN, 'sh', path, given === undefined ? 'remove' : 'keep'], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    guardian.unref();
    (guardian.stdin as unknown as { unref(): void }).unref();
    const scratch = new Scratch(path, given === undefined, guardian);
    Scratch.known.set(path, scratch);
    return scratch;
  }

  get log(): string {
    return join(this.path, 'server.log');
  }

  /** Waits until a predecessor is gone, also one whose guardian is still ending it. */
  async isFree(): Promise<void> {
    await this.server?.exited;
    const file = join(this.path, 'server.pid');
    const gone = (): boolean => !existsSync(file) || !isAlive(parseInt(readFileSync(file, 'utf8')));
    // A process that outlives this was never ours: its number was used again.
    await until(`the predecessor in ${this.path} to end`, gone, PREDECESSOR_MS).catch(() => undefined);
  }

  /** Tells the guardian which process it has to end, and how. */
  holds(pid: number, signal: NodeJS.Signals): void {
    writeFileSync(join(this.path, 'server.pid'), `${pid} ${signal.replace('SIG', '')}\n`);
  }

  /** The server is gone; another process may get its number. */
  holdsNothing(): void {
    if (existsSync(this.path)) rmSync(join(this.path, 'server.pid'), { force: true });
  }

  /** Call once no server runs here. */
  release(): void {
    this.holdsNothing();
    if (this.mine) rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
    this.guardian.stdin?.end();
    Scratch.known.delete(this.path);
  }
}
