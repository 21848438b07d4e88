// This node among the others: who it is, which nodes there are, and which of them has which shard.
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { KINDS, type Kind } from '../actors/domain/envelope';
import { pause } from '../actors/domain/pause';
import type { Clock } from '../actors/domain/ports/clock';
import type { NodeIdentity, ShardLocks } from '../actors/domain/ports/ownership';
import type { Transport } from '../actors/domain/ports/transport';
import { createNodeRow } from '../persistence/node-row';
import { createShardLocks } from '../persistence/shard-locks';
import { lockBoth } from '../supervisors/joint-locks';
import { FENCE_MS } from '../supervisors/membership';
import { SharedOwnership } from '../supervisors/shared-ownership';
import { SignOfLife } from '../supervisors/sign-of-life';
import type { Books, Ledgers } from './compose-books';
import type { KindParts } from './compose-kinds';
import type { Config } from './config';

/** A deployment's shards have owners by then, unless there is something that a person must look at. */
const SETTLED_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 25;

export const identify = ({ nodeName, http }: Config, clock: Clock): NodeIdentity => ({
  name: nodeName,
  incarnation: randomBytes(6).toString('hex'),
  startedMs: clock.nowMs(),
  url: http.publicUrl,
});

export interface ClusterOptions {
  readonly config: Config;
  readonly self: NodeIdentity;
  readonly deploymentId: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function composeOwnership(options: ClusterOptions): SharedOwnership {
  const { config, self, deploymentId, transport, clock } = options;
  const logger = options.logger.child({ part: 'cluster' });
  return new SharedOwnership({
    self,
    deploymentId,
    shards: config.shards,
    transport,
    clock,
    logger,
    mayHaveOthers: config.nats !== undefined,
    onSuperseded: () => {
      // Two nodes of one name would answer on the same subject: the later one is the one that was meant.
      logger.fatal({ node: self.name }, 'a later node of this name is running: this one ends');
      process.exit(1);
    },
  });
}

/** Writes this node's rows, one a database. @returns the sign of life that counts for each kind */
export async function startSignsOfLife(
  ledgers: Ledgers,
  books: Books,
  { self, clock, logger }: Pick<ClusterOptions, 'self' | 'clock' | 'logger'>,
): Promise<{ readonly of: (kind: Kind) => SignOfLife | undefined; readonly stop: () => Promise<void> }> {
  const signs = new Map<object, SignOfLife>();
  for (const database of ledgers.databases) {
    if (database.embedded) continue;
    const kinds = KINDS.filter((kind) => ledgers.databaseOf(kind) === database);
    const row = createNodeRow(await database.openSession('sign of life'), self);
    const onAway = (): void => {
      logger.warn({ kinds }, 'the database is out of reach: its connections are dropped');
      for (const kind of kinds) books.sessions[kind].drop();
      if (kinds.includes('order')) books.joint?.session.drop();
    };
    const sign = new SignOfLife({ row, clock, logger, onAway });
    signs.set(database, sign);
    await sign.start();
  }
  return {
    of: (kind) => signs.get(ledgers.databaseOf(kind)),
    stop: async () => {
      await Promise.allSettled([...signs.values()].map((sign) => sign.stop()));
    },
  };
}

/** Takes part in sharing the shards; commands to this node must be heard by now. */
export function takePart(
  ownership: SharedOwnership,
  books: Books,
  kinds: Readonly<Record<Kind, KindParts>>,
  signOf: (kind: Kind) => SignOfLife | undefined,
): void {
  ownership.onLost((kind, shards) => kinds[kind].region.forget(shards));
  ownership.start((kind) => ({
    locks: locksOf(kind, books),
    sign: signOf(kind),
    busy: (shards) => kinds[kind].region.busy(shards),
  }));
}

function locksOf(kind: Kind, books: Books): ShardLocks {
  const parts = { kind, reader: books.readers[kind], staleMs: FENCE_MS };
  const own = createShardLocks({ ...parts, session: books.sessions[kind] });
  return books.joint?.kinds.includes(kind)
    ? lockBoth(own, createShardLocks({ ...parts, session: books.joint.session, isJoint: true }))
    : own;
}

/**
 * Waits until every shard has an owner.
 * @throws Error if this node is alone by its configuration and somebody else holds shards
 */
export async function untilSettled(
  ownership: SharedOwnership,
  { config, clock, logger }: Pick<ClusterOptions, 'config' | 'clock' | 'logger'>,
): Promise<void> {
  const end = clock.monotonicMs() + SETTLED_WITHIN_MS;
  for (;;) {
    const left = KINDS.filter((kind) => ownership.unowned(kind) > 0);
    if (left.length === 0) return;
    if (clock.monotonicMs() > end) {
      const missing = left.map((kind) => `${ownership.unowned(kind)} of ${kind}`).join(', ');
      if (config.nats === undefined) {
        throw new Error(
          `another node holds shards of this database (${missing}), and without NATS_URL there can be one only`,
        );
      }
      logger.warn({ missing }, 'some shards have no owner yet');
      return;
    }
    await pause(clock, LOOK_EVERY_MS);
  }
}

/** Why the node cannot work now, for those who ask whether it is ready. */
export function readinessOf(
  ownership: SharedOwnership,
  { isConnected, hasIds }: { readonly isConnected: boolean; readonly hasIds: boolean },
): { ready: boolean; reasons: string[] } {
  const reasons = KINDS.flatMap((kind) => {
    if (!ownership.isConnected(kind)) return [`the database of ${kind} is away`];
    return ownership.isOrphaned(kind) ? [`${ownership.unowned(kind)} shards of ${kind} have no owner`] : [];
  });
  if (!hasIds) reasons.push('there is no worker number to make ids with');
  if (!isConnected) reasons.push('the broker is away');
  return { ready: reasons.length === 0, reasons };
}
