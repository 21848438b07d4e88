// Who says to hold which shard. Of several the latest to say so is believed: the one before may not know yet that
// it lost it. A wrong belief costs a detour, never a promise.
import { KINDS, type Kind } from '../actors/domain/envelope';

/** The shards that a node says to hold, by kind. */
export type Holdings = Readonly<Partial<Record<Kind, readonly number[]>>>;

interface Claimant {
  readonly node: string;
  readonly shards: Readonly<Record<Kind, ReadonlySet<number>>>;
}

export class Claims {
  private readonly claimants = new Map<string, Claimant>();
  /** The incarnation that is believed, by kind and shard. */
  private readonly believed = new Map<Kind, (string | undefined)[]>();

  constructor(private readonly shards: number) {
    for (const kind of KINDS) this.believed.set(kind, new Array<string | undefined>(shards).fill(undefined));
  }

  ownerOf(kind: Kind, shard: number): string | undefined {
    const incarnation = this.believed.get(kind)?.[shard];
    return incarnation === undefined ? undefined : this.claimants.get(incarnation)?.node;
  }

  /** Shards of a kind that nobody says to hold. */
  unowned(kind: Kind): number {
    return this.believed.get(kind)?.filter((owner) => owner === undefined).length ?? 0;
  }

  /** @returns whether anybody is now believed to hold other shards than before */
  heard(incarnation: string, node: string, holdings: Holdings): boolean {
    const before = this.claimants.get(incarnation)?.shards;
    const shards = Object.fromEntries(KINDS.map((kind) => [kind, new Set(holdings[kind])]));
    const after = shards as Record<Kind, Set<number>>;
    this.claimants.set(incarnation, { node, shards: after });
    let changed = false;
    for (const kind of KINDS) {
      const owners = this.believed.get(kind) ?? [];
      for (const shard of after[kind]) {
        if (shard >= this.shards || before?.[kind].has(shard)) continue;
        owners[shard] = incarnation;
        changed = true;
      }
      for (const shard of before?.[kind] ?? []) {
        if (after[kind].has(shard)) continue;
        changed = true;
        if (owners[shard] === incarnation) owners[shard] = this.otherClaimant(kind, shard);
      }
    }
    return changed;
  }

  /** Nothing that this incarnation said counts any more. */
  forget(incarnation: string): void {
    const claimant = this.claimants.get(incarnation);
    if (!claimant) return;
    this.heard(incarnation, claimant.node, {});
    this.claimants.delete(incarnation);
  }

  private otherClaimant(kind: Kind, shard: number): string | undefined {
    for (const [incarnation, { shards }] of this.claimants) if (shards[kind].has(shard)) return incarnation;
    return undefined;
  }
}
