// What the parts of a cluster on this machine have in common, servers and nodes alike.
import type { Scratch } from '../local-servers/scratch';
import type { Keeping } from './kept-process';

export interface Member {
  readonly name: string;
  readonly url: string;
  readonly log: string;
  /** Undefined while it is away. */
  readonly pid: () => number | undefined;
}

export interface PartOptions extends Keeping {
  readonly dataDir: string;
  /** Told of each folder before a process starts in it. */
  readonly opened: (scratch: Scratch) => void;
}
