// What is measured: servers that run, and how to bring them to rest.

export interface Subject {
  readonly ports: readonly number[];
  /** Whose CPU time counts, by what they are; their descendants count too. */
  readonly processes: Readonly<Record<string, readonly number[]>>;
  /** Whose memory counts: the nodes', or the monolith's. */
  readonly application: readonly number[];
  /** Waits until nothing is under way. */
  settle(): Promise<void>;
  /** Ends it, as an operator would; what it has committed is there. Called twice it does nothing. */
  stop(): Promise<void>;
}
