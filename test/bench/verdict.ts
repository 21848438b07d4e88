// Speed counts only if the books are right: after each measurement they are audited, and what the client was told is
// held against them.
import { KINDS } from '../../actors/domain/envelope';
import { audit } from '../../persistence/audit';
import type { Database } from '../../persistence/database';
import type { Queryable } from '../../persistence/session';
import type { Workload } from './requests';

/** What the client was told. */
export interface Told {
  readonly done: number;
  /** What may have been done or not. */
  readonly unknown: number;
}

const DONE: Readonly<Record<Workload, string>> = {
  uniform: 'select count(*)::int as count from trade_order where order_status = 1',
  hot: 'select count(*)::int as count from trade_order where order_status = 1',
  callback: 'select count(*)::int as count from trade_pay where is_paid = 2',
};

/** How much of what the workload does the books hold. */
export async function countDone({ reader }: Pick<Database, 'reader'>, workload: Workload): Promise<number> {
  const [row] = await reader.query<{ count: number }>({ name: '', text: DONE[workload] }, []);
  return row?.count ?? 0;
}

/** @param before what countDone said at the start. @returns a line for everything that is broken */
export async function judge(
  { reader }: Pick<Database, 'reader'>,
  workload: Workload,
  before: number,
  told: Told,
): Promise<readonly string[]> {
  const readers = Object.fromEntries(KINDS.map((kind) => [kind, reader])) as Record<
    (typeof KINDS)[number],
    Queryable
  >;
  const { rules } = await audit(readers, { adopt: false });
  const found = (await countDone({ reader }, workload)) - before;
  const isTrue = found >= told.done && found <= told.done + told.unknown;
  return [
    ...rules
      .filter(({ broken }) => broken > 0)
      .map(({ rule, broken, examples }) => `${rule}: ${broken}, e.g. ${examples.slice(0, 3).join(' ')}`),
    ...(isTrue
      ? []
      : [`${told.done} were said to be done and ${told.unknown} may be, but the books hold ${found}`]),
  ];
}
