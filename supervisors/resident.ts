// An entity in memory, and the actor in whose turns it acts.
import { dispatch, spawn, stop, type ActorProps, type Ref } from 'nact';
import { retry, type Answer } from '../actors/domain/envelope';
import type { Bell } from '../actors/entity';

/** What of an entity its actor needs. */
interface Acting {
  handle(): void;
  abandon(answer: Answer): void;
}

/** The only message an entity's actor gets: whom to let look at what has arrived. One is under way at most. */
type Doorbell = Resident<Acting>;

/** What the residents of one region have in common. */
export interface Home {
  /** The silent parent of their actors. */
  readonly parent: Ref<unknown>;
  /** Calls `resumed` before anything else is heard. */
  readonly resumeSoon: (resident: Pick<Doorbell, 'resumed'>) => void;
  /** A turn ended in an error, and the entity starts anew. */
  readonly onCrash: (id: string, error: unknown) => void;
}

export class Resident<Entity extends Acting> implements Bell {
  readonly entity: Entity;
  /** On the region's clock. */
  lastUsed = 0;
  /** Made when it is rung for the first time: who only takes part in joint commits never is. */
  private ref: Ref<Doorbell> | undefined;
  private isRung = false;
  private isResuming = false;

  /**
   * @param serial among those that ever were: what is for one that has gone must not reach its successor
   * @param makeEntity makes the entity around its bell
   */
  constructor(
    private readonly home: Home,
    readonly id: string,
    readonly shard: number,
    private readonly serial: number,
    makeEntity: (bell: Bell) => Entity,
  ) {
    this.entity = makeEntity(this);
  }

  wake(): void {
    if (this.isRung) return;
    this.isRung = true;
    this.ref ??= spawn(this.home.parent, answerBell, `${this.id}-${this.serial}`, SUPERVISION);
    dispatch(this.ref, this);
  }

  resume(): void {
    if (this.isResuming) return;
    this.isResuming = true;
    this.home.resumeSoon(this);
  }

  /** The actor's turn. */
  answer(): void {
    this.isRung = false;
    this.entity.handle();
  }

  resumed(): void {
    this.isResuming = false;
    try {
      this.entity.handle();
    } catch (error) {
      this.crashed(error);
    }
  }

  crashed(error: unknown): void {
    this.home.onCrash(this.id, error);
    this.entity.abandon(retry('unavailable'));
  }

  /** Its actor ends; what the entity has under way is its owner's to end. */
  stop(): void {
    if (this.ref) stop(this.ref);
  }
}

const answerBell = (state: null, bell: Doorbell): null => {
  bell.answer();
  return state;
};

const SUPERVISION: ActorProps<null, Doorbell, Ref<unknown>> = {
  onCrash: (bell, error, context) => {
    bell?.crashed(error);
    return context.resume;
  },
};
