// Owns the entities of one kind on this node: starts, finds and passivates them. It routes through a map,
// because a nact parent copies its children for every message that it handles itself.
import { spawn, type ActorSystemRef } from 'nact';
import type { Logger } from 'pino';
import { Entity, type EntityParts } from '../actors/entity';
import type { Decider } from '../actors/domain/decision';
import { retry, type Answer, type Kind } from '../actors/domain/envelope';
import { pause } from '../actors/domain/pause';
import type { Clock } from '../actors/domain/ports/clock';
import type { Ownership } from '../actors/domain/ports/ownership';
import type { Deliver, Router } from '../actors/domain/ports/router';
import type { Committer, Loader } from '../actors/domain/ports/store';
import { createFollower } from './follow-ups';
import { Resident, type Home } from './resident';

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
  /** Hears of every command that there was no place for. */
  readonly onBusy: () => void;
}

export interface KindParts<State, Command extends { type: string }, Fact, Recorded> {
  readonly decider: Decider<State, Command, Fact, Recorded>;
  readonly committer: Committer<State, Fact>;
  readonly loader: Loader<State, Recorded>;
}

/** What a joint commit needs of an entity, of whatever kind. */
export type Lent = Pick<
  Entity<unknown, { type: string }, unknown, unknown>,
  'isUntouched' | 'isKnown' | 'warm' | 'consider' | 'join'
>;

export interface ShardRegion {
  /** Gives the envelope to its entity. */
  readonly deliver: Deliver;
  /** An entity for a joint commit; undefined if it is not here, or must not take more. */
  lend(id: string, shard: number): Lent | undefined;
  /** Counts what an entity takes over a joint commit among all that is under way. @returns `reply`, to be called once */
  countIn(reply: (answer: Answer) => void): (answer: Answer) => void;
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
  const { kind, clock, logger, onBusy } = options;
  type Member = Resident<Entity<State, Command, Fact, Recorded>>;
  let residents = new Map<string, Member>();
  let inFlight = 0;
  let draining = false;
  let spawned = 0;
  let callOff: (() => void) | undefined;

  const countIn: ShardRegion['countIn'] = (reply) => {
    inFlight += 1;
    return (answer) => {
      inFlight -= 1;
      reply(answer);
    };
  };

  const admit: Deliver = (envelope, reply) => {
    const { id, shard } = envelope;
    if (!options.ownership.holds(kind, shard)) return reply(retry('not-owner'));
    const resident = residents.get(id) ?? start(id, shard);
    resident.lastUsed = clock.monotonicMs();
    resident.entity.receive(envelope, countIn(reply));
  };

  // What ends is no message: all of a flush is told first, and then every entity goes on once, before anything else
  // is heard. A turn of an actor costs several times as much.
  let toResume: Parameters<Home['resumeSoon']>[0][] = [];
  const resumeAll = (): void => {
    const all = toResume;
    toResume = [];
    for (const resident of all) resident.resumed();
  };

  const home: Home = {
    // A silent parent: supervision of the kind, without messages of its own.
    parent: spawn(options.system, (state: null) => state, kind, {
      onCrash: (_message, _error, context) => context.resume,
    }),
    resumeSoon(resident) {
      if (toResume.push(resident) === 1) void Promise.resolve().then(resumeAll);
    },
    onCrash: (id, error) => logger.error({ err: error, kind, id }, 'an actor crashed and starts anew'),
  };

  const entityParts: EntityParts<State, Command, Fact, Recorded> = {
    ...parts,
    follow: createFollower<Command>({
      router: options.router,
      clock,
      logger,
      tellSelf: (envelope) => new Promise((resolve) => admit(envelope, resolve)),
    }),
    onFault: (error, { id, command, trace }) =>
      logger.error({ err: error, kind, id, command: command.type, trace }, 'a command failed'),
  };

  const isFull = (id: string): boolean => {
    if (inFlight >= options.mostInFlight) return true;
    const resident = residents.get(id);
    return resident !== undefined && resident.entity.depth >= options.mostPerEntity;
  };

  const start = (id: string, shard: number): Member => {
    if (residents.size - inFlight >= options.mostIdle) makeRoom();
    spawned += 1;
    const resident = new Resident(home, id, shard, spawned, (bell) => new Entity(id, entityParts, bell));
    residents.set(id, resident);
    passivateLater();
    return resident;
  };

  /** Who stays moves to another Map: from one that is deleted from, much of what was in it would grow old (ADR 19). */
  const dismiss = (goes: (resident: Member) => boolean): readonly Member[] => {
    const gone: Member[] = [];
    for (const resident of residents.values()) if (goes(resident)) gone.push(resident);
    if (gone.length === 0) return gone;
    for (const { id } of gone) residents.delete(id);
    residents = new Map(residents);
    for (const resident of gone) resident.stop();
    return gone;
  };

  const abandon = (isLost: (shard: number) => boolean): void => {
    // All go first, so that whoever is told asks an actor that knows nothing of this one.
    const lost = dismiss((resident) => isLost(resident.shard));
    for (const { entity } of lost) entity.abandon(retry('moving'));
  };

  /** Forgets a tenth of the idle entities, those that have been here longest. */
  const makeRoom = (): void => {
    let left = residents.size - inFlight - options.mostIdle * 0.9;
    dismiss(({ entity }) => left > 0 && entity.isIdle && left-- > 0);
  };

  const passivate = (): void => {
    callOff = undefined;
    const now = clock.monotonicMs();
    dismiss(({ lastUsed, entity }) => now - lastUsed > options.idleMs && entity.isIdle);
    if (residents.size > 0) passivateLater();
  };

  /** Who has nobody in memory looks for no idle ones. */
  const passivateLater = (): void => {
    callOff ??= clock.later(options.idleMs, passivate);
  };

  return {
    deliver(envelope, reply) {
      const { id, shard } = envelope;
      if (draining) {
        reply(retry('moving'));
        return;
      }
      if (!options.ownership.takes(kind, shard)) {
        reply(retry(options.ownership.holds(kind, shard) ? 'moving' : 'not-owner'));
        return;
      }
      if (isFull(id)) {
        onBusy();
        reply(retry('busy'));
        return;
      }
      admit(envelope, reply);
    },

    lend(id, shard) {
      if (draining || !options.ownership.takes(kind, shard) || isFull(id)) return undefined;
      const resident = residents.get(id) ?? start(id, shard);
      resident.lastUsed = clock.monotonicMs();
      return resident.entity;
    },

    countIn,

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
      const end = clock.monotonicMs() + withinMs;
      while (inFlight > 0 && clock.monotonicMs() < end) {
        await pause(clock, DRAIN_LOOK_MS);
      }
      callOff?.();
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
