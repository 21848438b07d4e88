// Which commits an entity has under way, by ledger key: a repeat is recognised by its ledger row, and that can be
// read only once the first command's commit has settled (R8).

interface Commit {
  readonly settlement: unknown;
}

export class KeyedCommits {
  /** Most of the time there are none, and an empty map would be much of what an idle entity is. */
  private commits: Map<string, Commit> | undefined;
  private settledKeys: string[] = [];

  begun(key: string, commit: Commit): void {
    this.commits ??= new Map();
    this.commits.set(key, commit);
  }

  settled(key: string): void {
    this.settledKeys.push(key);
  }

  /** The last commit under a key; a row that was read before it settled is out of date. */
  last(key: string | undefined): Commit | undefined {
    return key === undefined ? undefined : this.commits?.get(key);
  }

  /** The last commit under a key if it has settled, so that what is read now holds it. */
  lastSettled(key: string): Commit | undefined {
    const last = this.commits?.get(key);
    return last?.settlement === undefined ? undefined : last;
  }

  /** Forgets what has settled: nobody waits who would have to know. */
  forgetSettled(): void {
    if (!this.commits || this.settledKeys.length === 0) return;
    for (const key of this.settledKeys) if (this.lastSettled(key)) this.commits.delete(key);
    this.settledKeys = [];
    if (this.commits.size === 0) this.commits = undefined;
  }
}
