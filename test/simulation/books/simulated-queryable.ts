// A connection to the tables in memory. What is above it is the code that runs over PostgreSQL: only the statements
// themselves are simulated, each as a function on the tables, and a test keeps them and the SQL alike.
import type { CombinedRow, CombinedStatement } from '../../../persistence/combined-statement';
import type { Queryable, Statement } from '../../../persistence/session';
import { COUPON } from './statements/coupon';
import { DEAD_LETTERS } from './statements/dead-letters';
import { GOODS } from './statements/goods';
import { INBOX } from './statements/inbox';
import { BOOKING } from './statements/booking';
import { JOINT } from './statements/joint';
import { ORDER } from './statements/order';
import { ORDER_INDEX } from './statements/order-index';
import { OUTBOX } from './statements/outbox';
import { PAY_LOG } from './statements/pay-log';
import { PAYMENT } from './statements/payment';
import type { RunStatement, Statements } from './statements/statement';
import { WALLET } from './statements/wallet';
import type { ShopTables } from './tables';

/**
 * Carries work to the database and its answer, or its refusal, back. Rejects if the connection is lost on the way:
 * before the work arrived, or after it took effect.
 */
export type Ask = <Answer>(work: () => Answer) => Promise<Answer>;

const PROVE_HELD: Statements = { 'prove-held': () => [{}] };

const STATEMENTS: ReadonlyMap<string, RunStatement> = new Map(
  [
    PROVE_HELD,
    GOODS,
    COUPON,
    WALLET,
    PAY_LOG,
    ORDER,
    JOINT,
    BOOKING,
    PAYMENT,
    OUTBOX,
    INBOX,
    DEAD_LETTERS,
    ORDER_INDEX,
  ].flatMap((statements) => Object.entries(statements)),
);

export const isSimulated = (statement: Statement): boolean => runOf(statement) !== undefined;

/** @throws Error, when it is queried, for a statement that is not simulated */
export const simulatedQueryable = (tables: ShopTables, ask: Ask): Queryable => ({
  query<Row>(statement: Statement, values: readonly unknown[]) {
    const run = runOf(statement);
    if (!run) throw new Error(`the statement ${statement.name} is not simulated`);
    return ask(() => tables.run(() => run(tables, values)) as readonly Row[]);
  },
});

function runOf(statement: Statement | CombinedStatement): RunStatement | undefined {
  if (!('parts' in statement)) return STATEMENTS.get(statement.name);
  const parts = statement.parts.flatMap(({ statement: { name }, width }) => {
    const run = STATEMENTS.get(name);
    return run ? [{ run, width }] : [];
  });
  return parts.length === statement.parts.length
    ? (tables, values) => [combinedRow(parts, tables, values)]
    : undefined;
}

interface Part {
  readonly run: RunStatement;
  readonly width: number;
}

function combinedRow(parts: readonly Part[], tables: ShopTables, values: readonly unknown[]): CombinedRow {
  let from = 0;
  return parts.map(({ run, width }) => {
    const rows = run(tables, values.slice(from, (from += width)));
    return rows.length === 0 ? null : rows;
  });
}
