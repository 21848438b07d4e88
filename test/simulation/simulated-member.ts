// A node's part in the sharing of the shards: the real ownership and sign of life, over simulated connections.
import type { Logger } from 'pino';
import { KINDS, type Kind } from '../../actors/domain/envelope';
import type { NodeIdentity, ShardLocks } from '../../actors/domain/ports/ownership';
import { lockBoth } from '../../supervisors/joint-locks';
import { JointSessions, type JointMember } from '../../supervisors/joint-sessions';
import { FENCE_MS } from '../../supervisors/membership';
import { SharedOwnership, type SharedOwnershipOptions } from '../../supervisors/shared-ownership';
import { SignOfLife } from '../../supervisors/sign-of-life';
import { SimulatedConnection, type ConnectionParts } from './simulated-connection';
import type { LockName, SimulatedDatabase } from './simulated-database';

export interface MemberParts extends Pick<ConnectionParts, 'time' | 'process' | 'delayMs'> {
  readonly database: SimulatedDatabase;
  readonly self: NodeIdentity;
  readonly deploymentId: string;
  readonly shards: number;
  /** The kinds that joint commits write, on a connection of their own; none: there are no joint commits. */
  readonly jointKinds: readonly Kind[];
  readonly transport: SharedOwnershipOptions['transport'];
  readonly logger: Logger;
  readonly onSuperseded: () => void;
}

/** Until then a connection that is being made is there. */
const CONNECTED_MS = 10;

export class SimulatedMember {
  readonly ownership: SharedOwnership;
  readonly connections = new Map<JointMember, SimulatedConnection>();
  private readonly row: SimulatedConnection;
  private readonly sign: SignOfLife;

  constructor(private readonly parts: MemberParts) {
    const { time, database, process, self, logger } = parts;
    this.ownership = new SharedOwnership({ ...parts, clock: process.clock, mayHaveOthers: true });
    const row = this.connection();
    this.row = row;
    this.sign = new SignOfLife({
      row: {
        beat: () => row.ask(() => void database.heartbeats.set(self.incarnation, time.nowMs)),
        leave: () => row.ask(() => void database.heartbeats.delete(self.incarnation)),
        drop: () => row.drop(),
      },
      clock: process.clock,
      logger,
      onAway: () => this.connections.forEach((connection) => connection.drop()),
    });
  }

  /** Makes itself known, and connects. @throws Error if it may not take part, or the database is away */
  async join(): Promise<void> {
    const { ownership, parts, row, sign } = this;
    await ownership.join();
    row.connect();
    const { jointKinds } = parts;
    const together = jointKinds.length > 0 ? new JointSessions(jointKinds, ownership) : undefined;
    for (const member of [...(together ? ['joint' as const] : []), ...KINDS]) {
      const group = member === 'joint' || jointKinds.includes(member) ? together : undefined;
      const connection = this.connection(group?.hooksOf(member) ?? hooksOf(member as Kind, ownership));
      group?.opened(member, connection);
      this.connections.set(member, connection);
      connection.connect();
    }
    await new Promise<void>((resolve) => void parts.process.clock.later(CONNECTED_MS, resolve));
    await sign.start();
  }

  /** @param busyIn which of a kind's shards have something under way */
  takePart(busyIn: (kind: Kind, shards: readonly number[]) => ReadonlySet<number>): void {
    const { ownership, sign } = this;
    ownership.start((kind) => ({
      locks: this.locksOf(kind),
      sign,
      busy: (shards) => busyIn(kind, shards),
    }));
  }

  /** Nothing is under way any more: hands over the rest, and is gone. */
  async end(): Promise<void> {
    await this.ownership.finish();
    this.ownership.stop();
    await this.sign.stop().catch(() => undefined);
  }

  /** The packets that are stuck on the way come through. */
  restored(): void {
    for (const connection of [this.row, ...this.connections.values()]) connection.restored();
  }

  private connection(hooks: Pick<ConnectionParts, 'onReady' | 'onLost'> = {}): SimulatedConnection {
    return new SimulatedConnection({ ...this.parts, incarnation: this.parts.self.incarnation, ...hooks });
  }

  private locksOf(kind: Kind): ShardLocks {
    const own = this.locksOn(this.connections.get(kind) ?? this.row, kind);
    const joint = this.parts.jointKinds.includes(kind) ? this.connections.get('joint') : undefined;
    return joint ? lockBoth(own, this.locksOn(joint, `joint ${kind}`)) : own;
  }

  private locksOn(connection: SimulatedConnection, name: LockName): ShardLocks {
    const { database } = this.parts;
    return {
      take: (shards) =>
        connection.ask((backend) => shards.filter((shard) => database.tryLock(backend, name, shard))),
      release: (shards) =>
        connection.ask((backend) => {
          for (const shard of shards)
            if (!database.unlock(backend, name, shard)) throw new Error('not locked');
        }),
      fence: (shards, spared) => connection.ask(() => database.fence(name, shards, spared, FENCE_MS)),
      drop: () => connection.drop(),
    };
  }
}

const hooksOf = (kind: Kind, ownership: SharedOwnership): Pick<ConnectionParts, 'onReady' | 'onLost'> => ({
  onReady: () => ownership.sessionReady(kind),
  onLost: () => ownership.sessionLost(kind),
});
