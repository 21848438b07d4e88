// One node has every shard: its own, for as long as the kind's connection holds the locks.
import { KINDS, type Kind } from '../actors/domain/envelope';
import type { Ownership } from '../actors/domain/ports';

export class SoleOwnership implements Ownership {
  private readonly held = new Set<Kind>();
  private readonly lost: ((kind: Kind) => void)[] = [];
  private readonly gained: ((kind: Kind) => void)[] = [];

  constructor(private readonly node: string) {}

  ownerOf(): string {
    return this.node;
  }

  holds(kind: Kind): boolean {
    return this.held.has(kind);
  }

  onLost(listener: (kind: Kind) => void): void {
    this.lost.push(listener);
  }

  onGained(listener: (kind: Kind) => void): void {
    this.gained.push(listener);
  }

  /** The kind's connection has its locks. */
  gain(kind: Kind): void {
    this.held.add(kind);
    for (const listener of this.gained) listener(kind);
  }

  /** The kind's connection is gone, and the locks with it. */
  lose(kind: Kind): void {
    if (!this.held.delete(kind)) return;
    for (const listener of this.lost) listener(kind);
  }

  /** The kinds whose locks are not held. */
  missing(): readonly Kind[] {
    return KINDS.filter((kind) => !this.held.has(kind));
  }
}
