// What an actor has agreed to, on its way into a joint commit.
import type { Answer, Envelope, Kind } from '../actors/domain/envelope';
import type { Settlement, StoreEntry } from '../actors/domain/ports';
import type { Lent, ShardRegion } from './shard-region';

/** What an actor agreed to, and is told to take in when all have. */
export interface Part {
  readonly lent: Lent;
  readonly envelope: Envelope;
  /** Undefined: whoever asked waits until the entity has settled. */
  readonly answer: Answer | undefined;
  readonly facts: readonly unknown[];
}

/** Has the parts of one commit taken in, one after the other, in the turn in which they were agreed to. */
export class Joining {
  private readonly settles: ((settlement: Settlement) => void)[] = [];

  constructor(
    private readonly regions: Readonly<Record<Kind, ShardRegion>>,
    private readonly committer: object,
  ) {}

  /** @param reply hears the answer; a part that nobody waits for is a step of another */
  join(part: Part, reply?: (answer: Answer) => void): StoreEntry<unknown, unknown> {
    const { lent, envelope, facts, answer } = part;
    const counted = this.regions[envelope.kind].countIn(reply ?? ignore);
    const as = { committer: this.committer, isStep: reply === undefined };
    const { entry, settle } = lent.join(envelope, facts, answer, counted, as);
    this.settles.push(settle);
    return entry;
  }

  /** Tells all of them what became of the commit, in the order in which they joined. */
  settle(settlement: Settlement): void {
    for (const tell of this.settles) tell(settlement);
  }
}

const ignore = (): void => undefined;
