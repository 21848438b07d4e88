// A fault to be planted: one small change of one file, of the kind that a person makes and a review overlooks.

export interface Mutation {
  /** Kebab-case; also the name of its tree's folder. */
  readonly name: string;
  /** The rule that it breaks, and what may come of it. */
  readonly breaks: string;
  /** From the project's folder. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Why the simulation cannot find it; chaos on real servers may. */
  readonly unseen?: string;
}
