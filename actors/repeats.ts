// Repeats of an entity's commands are recognised by the ledger row under their key, which can be read once the commit of the
// first has settled (R8).
import type { Decider } from './domain/decision';
import type { Request } from './request';

interface Commit {
  readonly settlement: unknown;
}

/** From this attempt on a command may have been carried out before. */
const REPEAT = 2;

const MANY = 1_000;

export class Repeats<Command extends { type: string }, Recorded> {
  /** By ledger key. Most of the time there are none, and an empty map would be much of what an idle entity is. */
  private commits: Map<string, Commit> | undefined;
  private settledKeys: string[] = [];

  constructor(private readonly decider: Pick<Decider<unknown, Command, unknown, unknown>, 'recordKey'>) {}

  /** @returns the ledger key that the facts of a command are committed under, if there is one */
  keyOf(command: Command): string | undefined {
    return this.decider.recordKey(command, REPEAT);
  }

  /** A commit is under way; its settlement is set before `settled` is called. */
  begun(key: string, commit: Commit): void {
    this.commits ??= new Map();
    this.commits.set(key, commit);
  }

  settled(key: string): void {
    this.settledKeys.push(key);
  }

  /** Forgets what has settled and nobody who waits would have to know. */
  forgetSettled(waiting: readonly Request<Command, Recorded>[]): void {
    const { commits, settledKeys } = this;
    if (!commits || settledKeys.length === 0) return;
    // At a busy entity somebody always waits: then it is looked through once for many.
    if (waiting.length > 0 && settledKeys.length < waiting.length + MANY) return;
    const sought = new Set(waiting.map((request) => this.soughtKey(request)));
    this.settledKeys = settledKeys.filter((key) => sought.has(key));
    for (const key of settledKeys) if (!sought.has(key) && this.lastSettled(key)) commits.delete(key);
    if (commits.size === 0) this.commits = undefined;
  }

  /** Whether a command has to wait for the commit of the first. A row that was read before that settled is given up. */
  isAheadOfItsRow(request: Request<Command, Recorded>): boolean {
    const last = this.last(this.soughtKey(request));
    if (!last) return false;
    if (request.record?.after !== last) request.record = undefined;
    return last.settlement === undefined;
  }

  lacksRow(request: Request<Command, Recorded>): boolean {
    const key = this.soughtKey(request);
    return key !== undefined && request.record?.key !== key;
  }

  /** @returns the keys of the rows that these lack, and how to hand them over: the rows in the places of the keys */
  lacking(requests: readonly Request<Command, Recorded>[]): {
    readonly keys: readonly string[];
    readonly take: (rows: readonly (Recorded | undefined)[]) => void;
  } {
    const lacking = requests.filter((request) => this.lacksRow(request));
    const keys = lacking.map((request) => this.soughtKey(request) ?? '');
    // Of those that are under way what is read now says nothing.
    const after = keys.map((key) => this.lastSettled(key));
    return {
      keys,
      take: (rows) => {
        lacking.forEach((request, place) => {
          request.record = { key: keys[place] ?? '', row: rows[place], after: after[place] };
        });
      },
    };
  }

  /** What was decided on stale figures once is a repeat: its key may be in the ledger. */
  private soughtKey({ command, envelope, redone }: Request<Command, Recorded>): string | undefined {
    return this.decider.recordKey(
      command,
      redone > 0 ? Math.max(REPEAT, envelope.attempt) : envelope.attempt,
    );
  }

  private last(key: string | undefined): Commit | undefined {
    return key === undefined ? undefined : this.commits?.get(key);
  }

  private lastSettled(key: string): Commit | undefined {
    const last = this.last(key);
    return last?.settlement === undefined ? undefined : last;
  }
}
