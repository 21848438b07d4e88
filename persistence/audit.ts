// Reads the books and reports every broken rule; it changes nothing. No statement touches two kinds, so each
// may have its own database. It reads page after page, so what moves meanwhile may be reported: audit at rest.
import type { Kind } from '../actors/domain/envelope';
import type { AuditReport } from '../actors/domain/operations';
import { countBroken, MESSAGE_RULES, SQL_RULES } from './audit/balances';
import { Findings } from './audit/findings';
import { auditOrders, ORDER_RULES } from './audit/orders';
import { auditPayments, PAYMENT_RULES } from './audit/payments';
import type { Queryable, Statement } from './session';

export const AUDIT_RULES = [
  ...SQL_RULES.map(({ rule }) => rule),
  ...ORDER_RULES,
  ...PAYMENT_RULES,
  ...MESSAGE_RULES.map(({ rule }) => rule),
] as const;
export type AuditRule = (typeof AUDIT_RULES)[number];

export interface AuditOptions {
  /** Rows that plain SQL wrote, without ledger entries, count as opening balances. */
  readonly adopt: boolean;
}

/** @param readers the same object for kinds that share a database */
export async function audit(
  readers: Readonly<Record<Kind, Queryable>>,
  { adopt }: AuditOptions,
): Promise<AuditReport> {
  const findings = new Findings<AuditRule>(AUDIT_RULES);
  for (const { kind, rule, broken } of SQL_RULES)
    await noteBroken(readers[kind], rule, broken, adopt, findings);
  await auditOrders(readers, findings);
  await auditPayments(readers, findings);
  for (const reader of new Set(Object.values(readers))) {
    for (const { rule, broken } of MESSAGE_RULES) await noteBroken(reader, rule, broken, adopt, findings);
  }
  return findings.report();
}

async function noteBroken(
  reader: Queryable,
  rule: AuditRule,
  broken: string,
  adopt: boolean,
  findings: Findings<AuditRule>,
): Promise<void> {
  const statement: Statement = { name: `audit-${rule.replaceAll(' ', '-')}`, text: countBroken(broken) };
  const rows = await reader.query<{ id: string; total: number }>(statement, [adopt]);
  const [first, ...others] = rows;
  if (!first) return;
  // The rows shown are a part of those counted.
  findings.note(rule, first.id, first.total - others.length);
  for (const { id } of others) findings.note(rule, id);
}
