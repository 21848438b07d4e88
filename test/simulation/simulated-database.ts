// As much of PostgreSQL as ownership sees: sessions with their advisory locks, the nodes' rows, and the end of a
// session by somebody else, of which its owner learns later, if at all.
import type { Kind } from '../../actors/domain/envelope';
import type { SimulatedTime } from './simulated-time';

/** The server's end of a connection. */
export interface Backend {
  readonly incarnation: string;
  isAlive: boolean;
  /** How often it has locked what. */
  readonly locks: Map<string, number>;
  /** Tells the client's end; it may not get through. */
  readonly onEnd: () => void;
}

/** The locks of a kind, or those of its joint commits. */
export type LockName = Kind | `joint ${Kind}`;

const lockName = (name: LockName, shard: number): string => `${name}/${shard}`;

export class SimulatedDatabase {
  isUp = true;
  readonly heartbeats = new Map<string, number>();
  /** How long each lock was free that was taken again, in milliseconds. */
  readonly gapsMs: number[] = [];
  private readonly backends = new Set<Backend>();
  private readonly owners = new Map<string, Backend>();
  private readonly freeSince = new Map<string, number>();

  constructor(private readonly time: SimulatedTime) {}

  open(incarnation: string, onEnd: () => void): Backend {
    const backend = { incarnation, isAlive: true, locks: new Map<string, number>(), onEnd };
    this.backends.add(backend);
    return backend;
  }

  ownerOf(kind: LockName, shard: number): Backend | undefined {
    return this.owners.get(lockName(kind, shard));
  }

  tryLock(backend: Backend, kind: LockName, shard: number): boolean {
    const name = lockName(kind, shard);
    const owner = this.owners.get(name);
    if (owner && owner !== backend) return false;
    this.owners.set(name, backend);
    backend.locks.set(name, (backend.locks.get(name) ?? 0) + 1);
    const since = this.freeSince.get(name);
    if (!owner && since !== undefined) this.gapsMs.push(this.time.nowMs - since);
    return true;
  }

  unlock(backend: Backend, kind: LockName, shard: number): boolean {
    const name = lockName(kind, shard);
    const count = backend.locks.get(name) ?? 0;
    if (count > 1) backend.locks.set(name, count - 1);
    else if (count === 1) this.free(backend, name);
    return count > 0;
  }

  /** @returns the incarnations whose sessions were ended */
  fence(kind: LockName, shards: readonly number[], spared: readonly string[], staleMs: number): string[] {
    const fenced = new Set<Backend>();
    for (const shard of shards) {
      const owner = this.ownerOf(kind, shard);
      const beatAt = owner && this.heartbeats.get(owner.incarnation);
      if (!owner || beatAt === undefined || spared.includes(owner.incarnation)) continue;
      if (beatAt < this.time.nowMs - staleMs) fenced.add(owner);
    }
    for (const backend of fenced) this.end(backend);
    return [...fenced].map(({ incarnation }) => incarnation);
  }

  end(backend: Backend): void {
    if (!backend.isAlive) return;
    backend.isAlive = false;
    this.backends.delete(backend);
    for (const name of [...backend.locks.keys()]) this.free(backend, name);
    backend.onEnd();
  }

  /** Stops the server, and with it every session. */
  stop(): void {
    this.isUp = false;
    for (const backend of [...this.backends]) this.end(backend);
  }

  private free(backend: Backend, name: string): void {
    backend.locks.delete(name);
    this.owners.delete(name);
    this.freeSince.set(name, this.time.nowMs);
  }
}
