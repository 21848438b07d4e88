// Which node has which shard, and what proves it (R7, R9).
import type { Kind } from '../envelope';

/** Which node has which shard, and what this node holds. */
export interface Ownership {
  /** The node to send a shard's commands to; undefined while there is none. */
  ownerOf(kind: Kind, shard: number): string | undefined;
  /** Whether a node was heard of so lately that its silence means something (R10). */
  isAlive(node: string): boolean;
  /** Takes note that a node could not be reached: until it is heard of again it counts as dead. */
  doubt(node: string): void;
  /** Whether this node holds the shard's lock on the connection that it writes through. */
  holds(kind: Kind, shard: number): boolean;
  /** Whether it also takes commands from outside: not while it hands the shard over. */
  takes(kind: Kind, shard: number): boolean;
  /** Counts how often this node got the shard; undefined while it does not hold it. */
  termOf(kind: Kind, shard: number): number | undefined;
  /** Whether this node's sign of life in the kind's database is so fresh that nobody may have fenced it (R7, R9). */
  isProven(kind: Kind): boolean;
  /** Called with shards that were lost or handed over: forget every actor of them. */
  onLost(listener: (kind: Kind, shards: readonly number[]) => void): void;
  /** Called with shards that are held from now on: resume what is half-way. */
  onGained(listener: (kind: Kind, shards: readonly number[]) => void): void;
}

/** The locks of one kind's shards, on the connection that writes for it (R9). */
export interface ShardLocks {
  /** @returns those of the shards that are locked from now on; never called for one that is locked already */
  take(shards: readonly number[]): Promise<readonly number[]>;
  /** Unlocks after everything that was sent on the connection before. */
  release(shards: readonly number[]): Promise<void>;
  /**
   * Ends the connections that hold these shards for nodes whose sign of life in the database is stale.
   * @param spared incarnations of nodes that were heard of and claim to work
   * @returns the nodes whose connections were ended
   */
  fence(shards: readonly number[], spared: readonly string[]): Promise<readonly string[]>;
  /** Drops the connection with all that it holds, without a word to a server that may not be there. */
  drop(): void;
}

/** A node as it is known to others: of one name there is one at a time, and each start is an incarnation. */
export interface NodeIdentity {
  readonly name: string;
  readonly incarnation: string;
  readonly startedMs: number;
  /** Of its HTTP bridge, for people. */
  readonly url: string;
}

/** This node's sign of life in one database: the second witness of the fence (R9). */
export interface NodeRow {
  /** Writes it. @throws if the database is away */
  beat(): Promise<void>;
  /** Takes it away: the node stops. */
  leave(): Promise<void>;
  /** Drops the connection that it is written on. */
  drop(): void;
}
