// What an actor has agreed to, on its way into a joint commit.
import type { Agreed } from '../actors/entity';
import type { Answer, Envelope, Kind } from '../actors/domain/envelope';
import type { Settlement, StoreEntry } from '../actors/domain/ports/store';
import type { Lent, ShardRegion } from './shard-region';

/** What an actor agreed to, and is told to take in when all have. */
export interface Part extends Agreed<unknown, { type: string }> {
  readonly lent: Lent;
  readonly envelope: Envelope;
}

/** Has the parts of one commit taken in, one after the other, in the turn in which they were agreed to; the owner last. */
export class Joining {
  private readonly steps: ((settlement: Settlement) => void)[] = [];
  private owner: (settlement: Settlement) => void = ignore;

  constructor(
    private readonly regions: Readonly<Record<Kind, ShardRegion>>,
    private readonly committer: object,
  ) {}

  /** @param reply hears the answer of the owner; a part that nobody waits for is a step of it */
  join(part: Part, reply?: (answer: Answer) => void): StoreEntry<unknown, unknown> {
    const { lent, envelope } = part;
    const counted = this.regions[envelope.kind].countIn(reply ?? ignore);
    const as = { committer: this.committer, isStep: reply === undefined };
    const { entry, settle } = lent.join(envelope, part, counted, as);
    if (reply) this.owner = settle;
    else this.steps.push(settle);
    return entry;
  }

  /** Tells all of them what became of the commit, in the order in which they joined. */
  settle(settlement: Settlement, ofOwner = settlement): void {
    for (const tell of this.steps) tell(settlement);
    this.owner(ofOwner);
  }
}

const ignore = (): void => undefined;
