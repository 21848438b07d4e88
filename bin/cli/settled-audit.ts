// The audit of a shop that is just coming to rest: what is still under way may take a moment to settle.
import { setTimeout as pause } from 'node:timers/promises';
import { createRemoteOperations } from './remote-operations';

export interface SettledAuditOptions {
  readonly urls: readonly string[];
  readonly adminToken: string;
  /** How long broken rules are asked for again. */
  readonly withinMs: number;
  /** Called with why it is asked again. */
  readonly onWait: (why: string) => void;
}

const AGAIN_MS = 1_000;

/** Asks one node after the other until all rules hold. @returns a line for each that is broken in the end */
export async function brokenRules(options: SettledAuditOptions): Promise<readonly string[]> {
  const { urls, adminToken, withinMs, onWait } = options;
  const deadline = performance.now() + withinMs;
  for (let turn = 0; ; turn += 1) {
    const url = urls[turn % urls.length] as string;
    const found = await createRemoteOperations({ pid: 0, url, adminToken })
      .audit({ adopt: false })
      .then(({ rules }) => rules.filter((rule) => rule.broken > 0))
      .then((rules) => rules.map(({ rule, broken, examples }) => `${rule}: ${broken}, ${examples.join(' ')}`))
      .catch((error: unknown) => [`the audit failed at ${url}: ${(error as Error).message}`]);
    if (found.length === 0 || performance.now() > deadline) return found;
    onWait(`the audit is not clean yet (${found.length}): ${found[0] as string}`);
    await pause(AGAIN_MS);
  }
}
