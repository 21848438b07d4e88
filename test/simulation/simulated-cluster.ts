// Nodes that share the shards over a simulated broker and database. After every step no node believes to hold a shard
// whose lock another session has, unless its own session is gone and it could not learn of it yet (R9).
import pino from 'pino';
import { KINDS, type Kind } from '../../actors/domain/envelope';
import { PLACING_KINDS } from '../../actors/domain/joint';
import type { JointMember } from '../../supervisors/joint-sessions';
import type { SharedOwnership } from '../../supervisors/shared-ownership';
import { SimulatedBroker } from './simulated-broker';
import type { SimulatedConnection } from './simulated-connection';
import { SimulatedDatabase, type LockName } from './simulated-database';
import { SimulatedMember } from './simulated-member';
import { SimulatedProcess } from './simulated-process';
import { SimulatedTime } from './simulated-time';

export interface SimulatedNode {
  readonly name: string;
  readonly incarnation: string;
  readonly process: SimulatedProcess;
  readonly ownership: SharedOwnership;
  readonly connections: ReadonlyMap<JointMember, SimulatedConnection>;
  /** Shards with something under way that does not end. */
  readonly busy: Set<number>;
  /** The nodes that it gave up on. */
  readonly givenUpOn: string[];
  /** Once it takes part. */
  readonly started: Promise<void>;
  /** The reason, if it was refused or had to end. */
  ended: string | undefined;
  held(kind: Kind): number;
  cutOff(from: 'broker' | 'database'): void;
  reconnect(to: 'broker' | 'database'): void;
  leave(): Promise<void>;
}

const logger = pino({ level: process.env['SIMULATION_LOG'] ?? 'silent' });

export class SimulatedCluster {
  readonly time = new SimulatedTime(() => this.check());
  readonly broker = new SimulatedBroker(this.time);
  readonly database = new SimulatedDatabase(this.time);
  readonly nodes: SimulatedNode[] = [];

  constructor(readonly shards = 12) {}

  pass(ms: number): Promise<void> {
    return this.time.pass(ms);
  }

  /** Starts nodes and waits until they take part. */
  async start(...names: string[]): Promise<SimulatedNode[]> {
    const nodes = names.map((name) => this.add(name));
    await this.pass(1_000);
    return nodes;
  }

  /** @returns the milliseconds that it took */
  async until(what: string, condition: () => boolean, withinMs: number): Promise<number> {
    const begun = this.time.nowMs;
    if (!condition()) await this.time.pass(withinMs, condition);
    if (!condition()) throw new Error(`waited ${withinMs} ms for ${what}`);
    return this.time.nowMs - begun;
  }

  /** The node whose living session has the lock. */
  ownerOf(kind: Kind, shard: number): string | undefined {
    const incarnation = this.database.ownerOf(kind, shard)?.incarnation;
    return this.nodes.find((node) => node.incarnation === incarnation)?.name;
  }

  owners(kind: Kind = 'order'): (string | undefined)[] {
    return Array.from({ length: this.shards }, (_, shard) => this.ownerOf(kind, shard));
  }

  /** How many shards each of the nodes holds the locks of. */
  shares(kind: Kind = 'order'): Record<string, number> {
    const shares: Record<string, number> = {};
    for (const owner of this.owners(kind)) if (owner) shares[owner] = (shares[owner] ?? 0) + 1;
    return shares;
  }

  /** Whether these nodes have all shards of every kind, evenly, and know who has which. */
  isShared(...nodes: readonly SimulatedNode[]): boolean {
    const [least, most] = [Math.floor, Math.ceil].map((round) => round(this.shards / nodes.length));
    return KINDS.every((kind) => {
      const shares = nodes.map(({ name }) => this.shares(kind)[name] ?? 0);
      const isEven = shares.every((share) => share >= (least ?? 0) && share <= (most ?? 0));
      const owners = this.owners(kind);
      return isEven && nodes.every((node) => isKnown(node, kind, owners));
    });
  }

  add(name: string, deploymentId = 'one'): SimulatedNode {
    const { time, broker, database, shards } = this;
    const incarnation = `${name}-${this.nodes.length + 1}`;
    const process = new SimulatedProcess(time);
    const busy = new Set<number>();
    const givenUpOn: string[] = [];
    const member = new SimulatedMember({
      jointKinds: PLACING_KINDS,
      time,
      process,
      database,
      shards,
      deploymentId,
      self: { name, incarnation, startedMs: time.nowMs, url: '' },
      logger: logger.child({ self: incarnation }),
      transport: {
        broadcast: (message) => broker.broadcast(process, message),
        onBroadcast: (hear) => {
          broker.listen(process, hear);
          return Promise.resolve();
        },
        giveUpOn: (node) => givenUpOn.push(node),
      },
      onSuperseded: () => {
        node.ended = 'superseded';
        process.die();
      },
    });
    const { ownership, connections } = member;
    const join = async (): Promise<void> => {
      await member.join();
      member.takePart((_kind, asked) => new Set(asked.filter((shard) => busy.has(shard))));
    };
    const node: SimulatedNode = {
      name,
      incarnation,
      process,
      ownership,
      connections,
      busy,
      givenUpOn,
      ended: undefined,
      started: join().catch((error: unknown) => {
        node.ended = error instanceof Error ? error.message : String(error);
        process.die();
      }),
      held: (kind) => ownership.held(kind),
      cutOff: (from) => (process.reaches[from] = false),
      reconnect: (to) => {
        process.reaches[to] = true;
        if (to === 'database') member.restored();
      },
      leave: async () => {
        await ownership.leave();
        await member.end();
        process.die();
      },
    };
    this.nodes.push(node);
    return node;
  }

  private check(): void {
    for (const { incarnation, process, ownership, connections } of this.nodes) {
      if (process.state === 'dead') continue;
      for (const [member, { backend }] of connections) {
        if (!backend?.isAlive) continue;
        for (const [kind, lock] of locksOn(member)) {
          for (let shard = 0; shard < this.shards; shard += 1) {
            if (ownership.holds(kind, shard) && this.database.ownerOf(lock, shard) !== backend) {
              throw new Error(`${incarnation} believes to hold ${kind} ${shard} without its ${lock} lock`);
            }
            if ((backend.locks.get(`${lock}/${shard}`) ?? 0) > 1) {
              throw new Error(`${incarnation} has locked ${lock} ${shard} twice`);
            }
          }
        }
      }
    }
  }
}

/** The kinds that a connection writes, and what it has locked for each. */
const locksOn = (member: JointMember): readonly (readonly [Kind, LockName])[] =>
  member === 'joint'
    ? PLACING_KINDS.map((kind) => [kind, `joint ${kind}`] as const)
    : [[member, member] as const];

/** Whether a node knows of every shard who has it, and holds those that it has. */
function isKnown(
  { name, ownership }: SimulatedNode,
  kind: Kind,
  owners: readonly (string | undefined)[],
): boolean {
  return owners.every(
    (owner, shard) =>
      ownership.ownerOf(kind, shard) === owner && ownership.holds(kind, shard) === (owner === name),
  );
}
