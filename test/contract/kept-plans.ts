// Which plans a node's connection keeps for its statements, and what of them goes through whole tables.
import type { Queryable, Statement } from '../../persistence/session';
import type { TestDatabase } from '../helpers/databases';

/** Statements by name, with the number of their parameters. */
export type Noted = Map<string, Statement & { readonly width: number }>;

/** Runs nothing, and notes what was to be run. */
export const noting = (noted: Noted): Queryable => ({
  query: (statement, values) => {
    noted.set(statement.name, { ...statement, width: values.length });
    return Promise.resolve([]);
  },
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Filter?: string;
  readonly Plans?: readonly PlanNode[];
}

/**
 * Without a key, or by a part of it only, so that the keys are looked for among all that has that part; or in the order of the
 * keys, so that what has another key is looked for among all that come after one.
 */
function isWhole({ Filter: filter = '', ...node }: PlanNode): boolean {
  if (!/^(Seq|Index|Index Only|Bitmap Index) Scan$/.test(node['Node Type'])) return false;
  const condition = node['Index Cond'];
  if (condition === undefined || /= ANY \(+\$/.test(filter)) return true;
  // All that a group has ever consumed.
  if (node['Index Name'] === 'trade_mq_consumer_log_pkey' && !condition.includes('msg_key')) return true;
  return !condition.includes(' = ') && /= \$/.test(filter);
}

/** What of a plan goes through a whole table or index. */
const wholeScans = (node: PlanNode): readonly string[] => [
  ...(isWhole(node) ? [`${node['Node Type']} ${node['Index Name'] ?? node['Relation Name']}`] : []),
  ...(node.Plans ?? []).flatMap(wholeScans),
];

/** @returns what each kept plan reads without a key, by the statement's name */
export async function wholeScansOf(
  database: TestDatabase,
  noted: Noted,
): Promise<readonly (readonly [string, readonly string[]])[]> {
  const runner = database.dataSource.createQueryRunner();
  try {
    const found: (readonly [string, readonly string[]])[] = [];
    for (const { name, text, width } of noted.values()) {
      await runner.query(`prepare "plan ${name}" as ${text}`);
      const values = Array.from({ length: width }, () => 'null').join(', ');
      const rows = (await runner.query(
        `explain (format json) execute "plan ${name}"${width > 0 ? `(${values})` : ''}`,
      )) as readonly { 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }[];
      found.push([name, rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => wholeScans(Plan)))]);
    }
    return found;
  } finally {
    await runner.release();
  }
}
