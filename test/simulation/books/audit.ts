// The audit of persistence/audit over tables in memory, all at once: at the end of a run every rule holds.
import type { AuditRule } from '../../../persistence/audit';
import { BALANCE_RULES } from './audit/balances';
import { HOLDING_RULES } from './audit/holdings';
import { LEDGER_RULES } from './audit/ledgers';
import { MESSAGE_RULES } from './audit/messages';
import { ORDER_ROW_RULES } from './audit/orders';
import { PAYMENT_RULES } from './audit/payments';
import type { Rule } from './audit/rule';
import type { ShopTables } from './tables';

/** Each rule of the real audit, no more and no less. */
const RULES: Readonly<Record<AuditRule, Rule>> = {
  ...BALANCE_RULES,
  ...LEDGER_RULES,
  ...ORDER_ROW_RULES,
  ...HOLDING_RULES,
  ...PAYMENT_RULES,
  ...MESSAGE_RULES,
};

/** @returns by each broken rule what breaks it */
export function auditTables(tables: ShopTables): ReadonlyMap<string, readonly string[]> {
  const broken = new Map<string, readonly string[]>();
  for (const [rule, find] of Object.entries(RULES)) {
    const found = find(tables);
    if (found.length > 0) broken.set(rule, found);
  }
  return broken;
}

/** @returns the broken rules, with what breaks them, for people to read */
export const brokenRules = (tables: ShopTables): string[] =>
  [...auditTables(tables)].map(([rule, found]) => `${rule}: ${found.join(', ')}`);
