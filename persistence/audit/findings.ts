// Gathers what is broken: every rule is listed, also those that hold.
import type { AuditReport } from '../../actors/domain/operations';

const MOST_EXAMPLES = 10;

export class Findings<Rule extends string> {
  private readonly broken = new Map<string, { count: number; examples: string[] }>();

  constructor(rules: readonly Rule[]) {
    for (const rule of rules) this.broken.set(rule, { count: 0, examples: [] });
  }

  /** Notes that a rule is broken: once, or as often as was counted elsewhere. */
  note(rule: Rule, example: string, count = 1): void {
    const finding = this.broken.get(rule);
    if (!finding) throw new Error(`not a rule of this audit: ${rule}`);
    finding.count += count;
    if (finding.examples.length < MOST_EXAMPLES) finding.examples.push(example);
  }

  /** Notes a rule as broken unless the condition holds. */
  expect(holds: boolean, rule: Rule, example: string): void {
    if (!holds) this.note(rule, example);
  }

  report(): AuditReport {
    const rules = [...this.broken].map(([rule, { count, examples }]) => ({ rule, broken: count, examples }));
    return { clean: rules.every(({ broken }) => broken === 0), rules };
  }
}
