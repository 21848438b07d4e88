// Which commits an entity has under way, by ledger key: a repeat is recognised by its ledger row, and that can be
// read only once the first command's commit has settled (R8).

interface Commit {
  readonly settlement: unknown;
}

export class KeyedCommits {
  private readonly commits = new Map<string, Commit>();
  private settledKeys: string[] = [];

  begun(key: string, commit: Commit): void {
    this.commits.set(key, commit);
  }

  settled(key: string): void {
    this.settledKeys.push(key);
  }

  /** The last commit under a key; a row that was read before it settled is out of date. */
  last(key: string | undefined): Commit | undefined {
    return key === undefined ? undefined : this.commits.get(key);
  }

  /** The last commit under a key if it has settled, so that what is read now holds it. */
  lastSettled(key: string): Commit | undefined {
    const last = this.commits.get(key);
    return last?.settlement === undefined ? undefined : last;
  }

  /** Forgets what has settled: nobody waits who would have to know. */
  forgetSettled(): void {
    for (const key of this.settledKeys) if (this.lastSettled(key)) this.commits.delete(key);
    this.settledKeys = [];
  }
}
