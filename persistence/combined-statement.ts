// Several questions as one statement: it returns one row, with the rows of each question as JSON. So whatever they return must
// be the same in JSON: what does not fit into a number there is text.
import type { Statement } from './session';

export interface Question {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

export interface CombinedStatement extends Statement {
  /** What it asks, in order, each with the number of its parameters. */
  readonly parts: readonly { readonly statement: Statement; readonly width: number }[];
}

/** The rows of each question under the place of it; null: none. */
export type CombinedRow = Readonly<Record<number, readonly unknown[] | null>>;

export interface Combined<Asked extends Question> {
  readonly statement: CombinedStatement;
  readonly values: readonly unknown[];
  /** The questions in the order in which they are answered. */
  readonly order: readonly Asked[];
}

/** What was combined before, by the names of its parts: each is prepared once. */
const known = new Map<string, CombinedStatement>();

/**
 * @param questions of which each statement has as many parameters every time
 * @returns the statement that asks all of them, with its parameters
 */
export function combine<Asked extends Question>(questions: readonly Asked[]): Combined<Asked> {
  // In one order, so that the same questions are one statement.
  const order = [...questions].sort((one, other) => (one.statement.name < other.statement.name ? -1 : 1));
  const names = order.map(({ statement }) => statement.name).join(' ');
  let statement = known.get(names);
  if (!statement) {
    // The names of all parts may be more than a name may have.
    statement = { name: `combined-${known.size + 1}`, ...combinedOf(order) };
    known.set(names, statement);
  }
  return { statement, values: order.flatMap(({ values }) => values), order };
}

function combinedOf(questions: readonly Question[]): Omit<CombinedStatement, 'name'> {
  let before = 0;
  const columns = questions.map(({ statement, values }, place) => {
    const from = before;
    before += values.length;
    const text = statement.text.replace(/\$(\d+)/g, (_all, number) => `$${from + Number(number)}`);
    return `(select json_agg(answer) from (${text}) answer) as "${place}"`;
  });
  return {
    text: `select ${columns.join(',\n  ')}`,
    parts: questions.map(({ statement, values }) => ({ statement, width: values.length })),
  };
}
