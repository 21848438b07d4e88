// A command on its way through an entity, and the decision on it that waits for its commit.
import type { FollowUp } from './domain/decision';
import type { Answer, Envelope } from './domain/envelope';
import type { Settlement } from './domain/ports/store';

export interface Request<Command, Recorded> {
  readonly envelope: Envelope;
  readonly command: Command;
  readonly reply: (answer: Answer) => void;
  /** How often it was decided on figures that proved stale. */
  redone: number;
  /** It is a step of another's joint commit: whether and how it is tried again is the other's to say. */
  readonly isStep: boolean;
  /** Its ledger row, once it was loaded, and the commit under its key that had settled by then. */
  record:
    | { readonly key: string; readonly row: Recorded | undefined; readonly after: object | undefined }
    | undefined;
}

/** What is said and done once a decision is committed. */
export interface Outcome<Command> {
  /** Without one the sender waits until the entity has settled. */
  readonly answer?: Answer | undefined;
  readonly followUps?: readonly FollowUp<Command>[];
}

/** A decision that waits for its commit, or for the commits before it. */
export interface Pending<State, Command, Recorded> extends Required<Outcome<Command>> {
  readonly request: Request<Command, Recorded>;
  readonly after: State | undefined;
  /** The ledger key that its facts are committed under. */
  readonly key: string | undefined;
  /** Whose commit its facts are in with those of others, if they are. */
  readonly jointly: object | undefined;
  staged: boolean;
  settlement: Settlement | undefined;
}

export const requestOf = <Command, Recorded>(
  envelope: Envelope,
  reply: (answer: Answer) => void,
  isStep = false,
): Request<Command, Recorded> => ({
  envelope,
  command: envelope.command as Command,
  reply,
  redone: 0,
  isStep,
  record: undefined,
});

/** Written out, because each further field of a spread is a slow one. */
export const pendingOf = <State, Command, Recorded>(
  request: Request<Command, Recorded>,
  { answer, followUps = [] }: Outcome<Command>,
  after: State | undefined,
  staged: boolean,
  key?: string,
  jointly?: object,
): Pending<State, Command, Recorded> => ({
  request,
  answer,
  followUps,
  after,
  key,
  jointly,
  staged,
  settlement: undefined,
});
