// The one effectful shell, generic over a decider: it decides without waiting, and says nothing before the
// commit that holds the decision is through (promise 1, R6, R7).
import type { Decider, Decision, FollowUp } from './domain/decision';
import { fault, refused, retry, type Answer, type Envelope } from './domain/envelope';
import type { Committer, Loader, Settlement, StoreEntry } from './domain/ports/store';
import { KnownState } from './known-state';
import { Repeats } from './repeats';
import { pendingOf, requestOf, type Outcome, type Pending, type Request } from './request';
import { Unanswered } from './unanswered';

/** What the entities of one kind have in common. */
export interface EntityParts<State, Command extends { type: string }, Fact, Recorded> {
  readonly decider: Decider<State, Command, Fact, Recorded>;
  readonly committer: Committer<State, Fact>;
  readonly loader: Loader<State, Recorded>;
  /** Carries a follow-up out; called only after its decision is committed. */
  readonly follow: (followUp: FollowUp<Command>, envelope: Envelope) => void;
  readonly onFault: (error: unknown, envelope: Envelope) => void;
}

/** What an entity takes in over a joint commit. */
export interface Agreed<Fact, Command> extends Outcome<Command> {
  readonly facts: readonly Fact[];
}

/** How an entity asks for its turns. */
export interface Bell {
  /** Asks for `handle` to be called in the actor's turn: a command has come. */
  wake(): void;
  /** Asks for `handle` to be called once all that ended at this moment has been told: a commit or a load has. */
  resume(): void;
}

/** A command whose figures prove stale this often is given back as a fault. */
const MOST_REDONE = 5;

export class Entity<State, Command extends { type: string }, Fact, Recorded> {
  private readonly known: KnownState<State, Recorded>;
  private waiting: Request<Command, Recorded>[] = [];
  private readonly unanswered = new Unanswered<State, Command, Recorded>((pending) => this.answer(pending));
  private parked: Request<Command, Recorded>[] = [];
  private readonly repeats: Repeats<Command, Recorded>;

  constructor(
    private readonly id: string,
    private readonly parts: EntityParts<State, Command, Fact, Recorded>,
    private readonly bell: Bell,
  ) {
    this.known = new KnownState(id, parts.loader);
    this.repeats = new Repeats(parts.decider);
  }

  /** Queues a command; `reply` is called once. */
  receive(envelope: Envelope, reply: (answer: Answer) => void): void {
    this.waiting.push(requestOf(envelope, reply));
    this.bell.wake();
  }

  /** Whether nothing is known of it, and nobody has asked. */
  get isUntouched(): boolean {
    return !this.known.isKnown && this.isIdle;
  }

  /** Makes its state known. @returns whether that takes a load; `done` is called when it has ended, one way or the other */
  warm(done: () => void): boolean {
    const { known } = this;
    if (known.isKnown) return false;
    known.awaitLoad(done);
    if (!known.isLoading) this.startLoad();
    return true;
  }

  /** Whether its state is known. */
  get isKnown(): boolean {
    return this.known.isKnown;
  }

  /**
   * What it would decide of a command that comes for the first time, if it could now. Changes nothing.
   * @param committer who would write it: of two that write at once one would overtake the other
   */
  consider(command: Command, committer: object): Decision<Fact, Command> | undefined {
    const { decider } = this.parts;
    const { isLoading, isKnown, state } = this.known;
    if (isLoading || this.waiting.length > 0 || !this.unanswered.mayJoin(committer)) return undefined;
    if (!isKnown && !(this.isUntouched && decider.begins?.(command, 1))) return undefined;
    if (decider.recordKey(command, 1) !== undefined) return undefined;
    return decider.decide(command, state, undefined);
  }

  /**
   * Takes facts in that a joint commit holds, at once after they were considered.
   * @param as whose commit it is, and whether this is a step of another: that one is tried again when it was in vain
   * @returns what the commit is to hold, and how to tell what became of it
   */
  join(
    envelope: Envelope,
    agreed: Agreed<Fact, Command>,
    reply: (answer: Answer) => void,
    { committer, isStep }: { readonly committer: object; readonly isStep: boolean },
  ): { readonly entry: StoreEntry<State, Fact>; readonly settle: (settlement: Settlement) => void } {
    const { facts } = agreed;
    const before = this.known.state;
    this.known.isKnown = true;
    const after = this.evolve(facts);
    const request = requestOf<Command, Recorded>(envelope, reply, isStep);
    const pending = pendingOf(request, agreed, after, true, undefined, committer);
    this.unanswered.add(pending);
    return {
      entry: { id: this.id, facts, before, after },
      settle: (settlement) => this.settle(pending, settlement),
    };
  }

  /** Whether nothing is under way, so that the entity may be forgotten. */
  get isIdle(): boolean {
    return this.depth === 0 && !this.known.isLoading;
  }

  /** How many commands are not answered. */
  get depth(): number {
    return this.waiting.length + this.unanswered.count + this.parked.length;
  }

  /** One turn of the actor. Settlements come first, so that nothing is decided on a state known to be stale. */
  handle(): void {
    this.takeSettlements();
    this.decideWaiting();
    this.release();
  }

  /** Gives everything that is not answered back to its sender: the shard is lost, or the node stops. */
  abandon(answer: Answer): void {
    const decided = this.unanswered.takeAll().map(({ request }) => request);
    const all = [...decided, ...this.waiting, ...this.parked];
    this.waiting = [];
    this.parked = [];
    this.known.forget();
    for (const request of all) request.reply(answer);
  }

  private takeSettlements(): void {
    const undone = this.unanswered.takeUndone();
    if (!undone) return;
    this.known.forget();
    const again: Request<Command, Recorded>[] = [];
    for (const pending of undone) this.undo(pending, again);
    this.waiting.unshift(...again);
  }

  private undo(pending: Pending<State, Command, Recorded>, again: Request<Command, Recorded>[]): void {
    const { request, settlement } = pending;
    switch (settlement?.settled) {
      case 'unavailable':
        request.reply(retry('unavailable'));
        return;
      case 'poisoned':
        request.reply(fault(settlement.message));
        return;
      case 'applied':
        this.answer(pending);
        return;
      // What is stale is committed, but an answer made of what the actor believed may be untrue: decided again, it is
      // a repeat.
      case 'stale':
      case 'conflict':
      case 'withdrawn':
      case undefined:
        if (request.isStep) {
          request.reply(retry('unavailable'));
          return;
        }
        request.redone += 1;
        request.record = undefined;
        if (request.redone > MOST_REDONE) request.reply(fault('the database holds other figures every time'));
        else again.push(request);
    }
  }

  private decideWaiting(): void {
    const { known, unanswered } = this;
    while (this.waiting.length > 0 && !known.isLoading && !unanswered.isFailing && !unanswered.isJoint) {
      const request = this.waiting[0] as Request<Command, Recorded>;
      if (this.repeats.isAheadOfItsRow(request)) return;
      if (this.begins(request)) known.isKnown = true;
      if (!known.isKnown || this.repeats.lacksRow(request)) {
        this.repeats.forgetSettled(this.waiting);
        this.startLoad();
        return;
      }
      this.waiting.shift();
      this.apply(request, this.decide(request));
    }
    if (this.waiting.length === 0) this.repeats.forgetSettled(this.waiting);
  }

  /** What was decided before is looked for: it may be there, against all that was believed. */
  private begins({ command, envelope, redone }: Request<Command, Recorded>): boolean {
    return redone === 0 && (this.parts.decider.begins?.(command, envelope.attempt) ?? false);
  }

  /** Loads what is not known, and the ledger rows of all that wait. */
  private startLoad(): void {
    const { keys, take } = this.repeats.lacking(this.waiting);
    this.known.load(
      keys,
      (rows) => {
        take(rows);
        this.bell.resume();
      },
      (error) => {
        const all = this.waiting;
        this.waiting = [];
        const [first] = all;
        if (first) this.parts.onFault(error, first.envelope);
        for (const request of all) request.reply(retry('unavailable'));
      },
    );
  }

  private decide(request: Request<Command, Recorded>): Decision<Fact, Command> | Error {
    try {
      const { decider } = this.parts;
      // Over a wire a command may be of a type that this decider does not know.
      const decision = decider.decide(request.command, this.known.state, request.record?.row) as
        Decision<Fact, Command> | undefined;
      return decision ?? new Error(`no such command: ${request.command.type}`);
    } catch (error) {
      this.parts.onFault(error, request.envelope);
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private apply(request: Request<Command, Recorded>, decision: Decision<Fact, Command> | Error): void {
    if (decision instanceof Error) return this.hold(request, { answer: fault(decision.message) });
    switch (decision.kind) {
      case 'accept':
        return this.commit(request, decision, decision.facts);
      case 'unchanged':
        return request.envelope.inbox ? this.commit(request, decision, []) : this.hold(request, decision);
      case 'park':
        return this.hold(request, decision);
      case 'reject':
        return this.hold(request, { answer: refused(decision.code, decision.invalid, decision.data) });
      case 'wait':
        return this.hold(request, { answer: retry('not-yet') });
    }
  }

  private evolve(facts: readonly Fact[]): State | undefined {
    const { known } = this;
    for (const fact of facts) known.state = this.parts.decider.evolve(known.state, fact);
    return known.state;
  }

  private commit(
    request: Request<Command, Recorded>,
    outcome: Outcome<Command>,
    facts: readonly Fact[],
  ): void {
    const { inbox } = request.envelope;
    const key = facts.length > 0 ? this.repeats.keyOf(request.command) : undefined;
    const before = this.known.state;
    const after = this.evolve(facts);
    const pending = pendingOf(request, outcome, after, true, key);
    this.unanswered.add(pending);
    if (key !== undefined) this.repeats.begun(key, pending);
    this.stage(pending, { id: this.id, facts, before, after, inbox });
  }

  private stage(pending: Pending<State, Command, Recorded>, entry: StoreEntry<State, Fact>): void {
    this.parts.committer.stage(entry, (settlement) => this.settle(pending, settlement));
  }

  private settle(pending: Pending<State, Command, Recorded>, settlement: Settlement): void {
    this.unanswered.settle(pending, settlement);
    if (pending.key !== undefined) this.repeats.settled(pending.key);
    this.bell.resume();
  }

  /** Every answer waits for the commits before it, also refusals and finds (R7). */
  private hold(request: Request<Command, Recorded>, outcome: Outcome<Command>): void {
    this.unanswered.add(pendingOf(request, outcome, this.known.state, false));
  }

  private release(): void {
    const unproven = this.unanswered.release(this.parts.committer.isFresh());
    if (unproven) this.proveHeld(unproven);
  }

  /** An answer without a commit of its own needs proof that the shard's lock still holds: an empty flush (R7). */
  private proveHeld(pending: Pending<State, Command, Recorded>): void {
    pending.staged = true;
    const { state } = this.known;
    this.stage(pending, { id: this.id, facts: [], before: state, after: state });
  }

  private answer(pending: Pending<State, Command, Recorded>): void {
    const { request, answer, followUps, after } = pending;
    if (answer) request.reply(answer);
    else this.parked.push(request);
    for (const followUp of followUps) this.parts.follow(followUp, request.envelope);
    if (this.parked.length === 0) return;
    const end = this.parts.decider.settled(after);
    if (!end) return;
    const settled = this.parked;
    this.parked = [];
    for (const waiter of settled) waiter.reply(end);
  }
}
