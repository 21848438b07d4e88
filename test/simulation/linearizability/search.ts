// Whether some order of an entity's operations explains all its answers: each takes effect at one moment between
// its invocation and its return. Wing and Gong's search, with Lowe's memory of where it has been.
import { agrees, type Model } from './model';
import { isTurnedAway, verdictOf, type Operation, type Verdict } from './operation';

/** An operation of the search: `end` is infinite if it may take effect at any time, or never. */
interface Event<Command> {
  readonly place: number;
  readonly begin: number;
  readonly end: number;
  readonly command: Command;
  readonly attempt: number;
  readonly verdict: Verdict | undefined;
}

/** The answer that no order explains, and what the entity could be like when it was due. */
export interface Contradiction {
  /** The answer is this operation's: what came before its return is the shortest prefix that no order explains. */
  readonly place: number;
  readonly figures: readonly string[];
  /** There are too many orders to try them all. */
  readonly isUndecided: boolean;
}

/** A history of 200 operations takes a few hundred; one that takes more than these is left undecided. */
const MOST_VISITS = 300_000;

/**
 * @param mostVisits how many places to look at before it gives up
 * @returns undefined if some order explains everything
 */
export function search<State, Command extends { readonly type: string }>(
  model: Model<State, Command>,
  history: readonly Operation<Command>[],
  mostVisits = MOST_VISITS,
): Contradiction | undefined {
  return new Search(model, history, mostVisits).run();
}

class Search<State, Command extends { readonly type: string }> {
  /** Answered operations, as they were invoked and as they returned. */
  private readonly invoked: readonly Event<Command>[];
  private readonly returned: readonly Event<Command>[];
  private readonly open: readonly Event<Command>[];
  /** A bit for each operation. */
  private readonly done: Uint16Array;
  private readonly seen = new Set<string>();
  private blocked = -1;
  private readonly figures = new Set<string>();
  private visits = 0;

  constructor(
    private readonly model: Model<State, Command>,
    history: readonly Operation<Command>[],
    private readonly mostVisits: number,
  ) {
    const events = history.flatMap((operation, place) => eventsOf(operation, place));
    const answered = events.filter(({ verdict }) => verdict !== undefined);
    this.invoked = answered.toSorted((left, right) => left.begin - right.begin);
    this.returned = answered.toSorted((left, right) => left.end - right.end);
    this.open = this.openOf(events);
    this.done = new Uint16Array((history.length >> 4) + 1);
  }

  run(): Contradiction | undefined {
    if (this.explain(this.model.initial, 0, 0)) return undefined;
    const place = this.returned[this.blocked]?.place ?? 0;
    return { place, figures: [...this.figures], isUndecided: this.visits > this.mostVisits };
  }

  /** Of those with one effect between them the first invoked can do whatever the others can. */
  private openOf(events: readonly Event<Command>[]): Event<Command>[] {
    const kept = new Map<string, Event<Command>>();
    for (const event of events.toSorted((left, right) => left.begin - right.begin)) {
      if (event.verdict !== undefined) continue;
      const key = this.model.onceKey(event.command) ?? `at ${event.place}`;
      if (!kept.has(key)) kept.set(key, event);
    }
    return [...kept.values()];
  }

  /**
   * @param firstInvoked before it in `invoked`, and before `firstReturned` in `returned`, all are done
   * @returns whether an order of what is left explains it
   */
  private explain(state: State, firstInvoked: number, firstReturned: number): boolean {
    while (this.isDone(this.returned[firstReturned])) firstReturned += 1;
    while (this.isDone(this.invoked[firstInvoked])) firstInvoked += 1;
    const due = this.returned[firstReturned];
    if (!due) return true;
    if (this.visits > this.mostVisits) return false;
    this.visits += 1;

    const moves: [Event<Command>, State][] = [];
    for (let index = firstInvoked; index < this.invoked.length; index++) {
      const event = this.invoked[index] as Event<Command>;
      if (event.begin > due.end) break;
      if (this.isDone(event)) continue;
      const next = this.after(state, event);
      if (next === undefined) continue;
      // What is explained and never changes anything from here on comes first in some order, if there is any.
      if (next === state && this.isIdle(event)) return this.go(event, next, firstInvoked, firstReturned);
      moves.push([event, next]);
    }
    for (const [event, next] of moves) if (this.go(event, next, firstInvoked, firstReturned)) return true;
    // What may have happened or not is believed to have happened only if there is no other way.
    for (const event of this.open) {
      if (event.begin > due.end) break;
      if (this.isDone(event)) continue;
      const { next } = this.model.settle(state, event.command);
      if (next !== state && this.go(event, next, firstInvoked, firstReturned)) return true;
    }
    this.note(firstReturned, state);
    return false;
  }

  /** Given that it changes nothing now: a price that is set to what it is might change it later. */
  private isIdle({ command, verdict }: Event<Command>): boolean {
    return verdict?.outcome === 'refused' || this.model.onceKey(command) !== undefined;
  }

  private isDone(event: Event<Command> | undefined): boolean {
    return event !== undefined && ((this.done[event.place >> 4] ?? 0) & bitOf(event)) !== 0;
  }

  /** The state after an answered operation; undefined if it cannot be answered so now. */
  private after(state: State, { command, attempt, verdict }: Event<Command>): State | undefined {
    if (verdict === undefined) return undefined;
    const settled = this.model.settle(state, command);
    if (agrees(settled.verdict, verdict)) return settled.next;
    if (attempt > 1) return undefined;
    const hasty = this.model.hasty(state, command);
    return hasty && agrees(hasty, verdict) ? state : undefined;
  }

  private go(event: Event<Command>, next: State, firstInvoked: number, firstReturned: number): boolean {
    this.flip(event);
    const key = `${String.fromCharCode(...this.done)}${this.model.keyOf(next)}`;
    if (!this.seen.has(key)) {
      this.seen.add(key);
      if (this.explain(next, firstInvoked, firstReturned)) return true;
    }
    this.flip(event);
    return false;
  }

  private flip(event: Event<Command>): void {
    this.done[event.place >> 4] = (this.done[event.place >> 4] ?? 0) ^ bitOf(event);
  }

  /** Remembers how far anything came, and what the entity was like there. */
  private note(firstReturned: number, state: State): void {
    if (firstReturned < this.blocked) return;
    if (firstReturned > this.blocked) this.figures.clear();
    this.blocked = firstReturned;
    this.figures.add(this.model.describe(state));
  }
}

const bitOf = ({ place }: { readonly place: number }): number => 1 << (place & 15);

function eventsOf<Command extends { readonly type: string }>(
  operation: Operation<Command>,
  place: number,
): Event<Command>[] {
  if (isTurnedAway(operation)) return [];
  const verdict = verdictOf(operation);
  const end =
    verdict === undefined ? Number.POSITIVE_INFINITY : (operation.returnedAt ?? Number.POSITIVE_INFINITY);
  const { invokedAt, command, attempt } = operation;
  return [{ place, begin: invokedAt, end, command, attempt, verdict }];
}
