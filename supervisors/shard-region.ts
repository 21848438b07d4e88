// Owns the entities of one kind on this node: starts, finds and passivates them. It routes through a map,
// because a nact parent copies its children for every message that it handles itself.
import { spawn, stop, dispatch, type ActorSystemRef, type Ref } from 'nact';
import type { Logger } from 'pino';
import { Entity } from '../actors/entity';
import type { Decider } from '../actors/domain/decision';
import { retry, type Answer, type Envelope, type Kind } from '../actors/domain/envelope';
import type { Clock, Committer, Loader, Ownership, Router } from '../actors/domain/ports';
import { createFollower } from './follow-ups';

/** The only message an entity's actor gets: look what has arrived. One is under way at most. */
type Doorbell = 'doorbell';

interface Resident {
  readonly entity: { receive: Entity<never, never, never, never>['receive'] } & Pick<
    Entity<never, never, never, never>,
    'isIdle' | 'depth' | 'abandon'
  >;
  readonly ref: Ref<Doorbell>;
  readonly shard: number;
  lastUsed: number;
}

export interface RegionOptions {
  readonly kind: Kind;
  readonly system: ActorSystemRef;
  readonly ownership: Ownership;
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  /** An idle entity is forgotten after this long. */
  readonly idleMs: number;
  /** The most commands under way in this region; more are answered 'busy' (promise 7). */
  readonly mostInFlight: number;
  /** The most of them at one entity, so that a hot one leaves room for the others. */
  readonly mostPerEntity: number;
  /** The most entities in memory with nothing under way: when there are more, some go before their time. */
  readonly mostIdle: number;
}

export interface KindParts<State, Command extends { type: string }, Fact, Recorded> {
  readonly decider: Decider<State, Command, Fact, Recorded>;
  readonly committer: Committer<State, Fact>;
  readonly loader: Loader<State, Recorded>;
}

export interface ShardRegion {
  /** Gives the envelope to its entity; never rejects. */
  deliver(envelope: Envelope): Promise<Answer>;
  /** Sends back all that is under way in these shards and forgets their entities: the shards are lost. */
  forget(shards: readonly number[]): void;
  /** Which of these shards have something under way. */
  busy(shards: readonly number[]): ReadonlySet<number>;
  /** Takes nothing more and waits until nothing is under way, or until the time is over. */
  drain(withinMs: number): Promise<void>;
  readonly inFlight: number;
  readonly residents: number;
}

/** How long a drain waits between two looks. */
const DRAIN_LOOK_MS = 20;

export function createShardRegion<State, Command extends { type: string }, Fact, Recorded>(
  options: RegionOptions,
  parts: KindParts<State, Command, Fact, Recorded>,
): ShardRegion {
  const { kind, clock, logger } = options;
  const residents = new Map<string, Resident>();
  // A silent parent: supervision of the kind, without messages of its own.
  const parent = spawn(options.system, (state: null) => state, kind, {
    onCrash: (_message, _error, context) => context.resume,
  });
  let inFlight = 0;
  let draining = false;
  let spawned = 0;

  const admit = (envelope: Envelope): Promise<Answer> => {
    if (!options.ownership.holds(kind, envelope.shard)) return Promise.resolve(retry('not-owner'));
    inFlight += 1;
    return new Promise((resolve) => {
      const resident = residents.get(envelope.id) ?? start(envelope.id, envelope.shard);
      resident.lastUsed = clock.nowMs();
      resident.entity.receive(envelope, (answer) => {
        inFlight -= 1;
        resolve(answer);
      });
    });
  };

  const follow = createFollower<Command>({ router: options.router, clock, logger, tellSelf: admit });

  const onFault = (error: unknown, { id, command, trace }: Envelope): void =>
    logger.error({ err: error, kind, id, command: command.type, trace }, 'a command failed');

  const start = (id: string, shard: number): Resident => {
    let rung = false;
    const wake = (): void => {
      if (rung) return;
      rung = true;
      dispatch(ref, 'doorbell');
    };
    // What ends is no message: all of a flush is told first, and then every entity goes on once, before anything else
    // is heard. A turn of an actor costs several times as much.
    let resuming = false;
    const resume = (): void => {
      if (resuming) return;
      resuming = true;
      queueMicrotask(() => {
        resuming = false;
        try {
          entity.handle();
        } catch (error) {
          crashed(error);
        }
      });
    };
    const crashed = (error: unknown): void => {
      logger.error({ err: error, kind, id }, 'an actor crashed and starts anew');
      entity.abandon(retry('unavailable'));
    };
    const entity = new Entity<State, Command, Fact, Recorded>({
      id,
      ...parts,
      follow,
      wake,
      resume,
      onFault,
    });
    spawned += 1;
    const ref: Ref<Doorbell> = spawn(
      parent,
      (state: null) => {
        rung = false;
        entity.handle();
        return state;
      },
      `${id}-${spawned}`,
      {
        onCrash: (_message, error, context) => {
          crashed(error);
          return context.resume;
        },
      },
    );
    const resident: Resident = { entity, ref, shard, lastUsed: 0 };
    residents.set(id, resident);
    return resident;
  };

  const forget = (id: string, resident: Resident): void => {
    residents.delete(id);
    stop(resident.ref);
  };

  const abandon = (isLost: (shard: number) => boolean): void => {
    for (const [id, resident] of residents) {
      if (!isLost(resident.shard)) continue;
      // It goes first, so that whoever is told asks an actor that knows nothing of this one.
      forget(id, resident);
      resident.entity.abandon(retry('moving'));
    }
  };

  /** Forgets a tenth of the idle entities, those that have been here longest. */
  const makeRoom = (): void => {
    const enough = options.mostIdle * 0.9;
    for (const [id, resident] of residents) {
      if (residents.size - inFlight <= enough) return;
      if (resident.entity.isIdle) forget(id, resident);
    }
  };

  const passivate = (): void => {
    const now = clock.nowMs();
    for (const [id, resident] of residents) {
      if (now - resident.lastUsed > options.idleMs && resident.entity.isIdle) forget(id, resident);
    }
    callOff = clock.later(options.idleMs, passivate);
  };
  let callOff = clock.later(options.idleMs, passivate);

  return {
    deliver(envelope) {
      if (draining) return Promise.resolve(retry('moving'));
      if (!options.ownership.takes(kind, envelope.shard)) {
        const isMoving = options.ownership.holds(kind, envelope.shard);
        return Promise.resolve(retry(isMoving ? 'moving' : 'not-owner'));
      }
      if (inFlight >= options.mostInFlight) return Promise.resolve(retry('busy'));
      const resident = residents.get(envelope.id);
      if (resident && resident.entity.depth >= options.mostPerEntity) return Promise.resolve(retry('busy'));
      if (!resident && residents.size - inFlight >= options.mostIdle) makeRoom();
      return admit(envelope);
    },

    forget(shards) {
      const lost = new Set(shards);
      abandon((shard) => lost.has(shard));
    },

    busy(shards) {
      const asked = new Set(shards);
      const atWork = new Set<number>();
      for (const { shard, entity } of residents.values()) {
        if (asked.has(shard) && !entity.isIdle) atWork.add(shard);
      }
      return atWork;
    },

    async drain(withinMs) {
      draining = true;
      const end = clock.nowMs() + withinMs;
      while (inFlight > 0 && clock.nowMs() < end) {
        await new Promise<void>((resolve) => void clock.later(DRAIN_LOOK_MS, resolve));
      }
      callOff();
      abandon(() => true);
    },

    get inFlight() {
      return inFlight;
    },
    get residents() {
      return residents.size;
    },
  };
}
