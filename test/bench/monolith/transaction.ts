// Transactions of the monolith. Statements are prepared once a connection, and those that do not wait for each other's
// answers are sent together, so that a transaction is three round trips and not nine.
import { Pool, type PoolClient } from 'pg';
import type { Statement } from '../../../persistence/session';

/** Sends a statement on the connection of the transaction. */
export type Run = <Row>(statement: Statement, values: readonly unknown[]) => Promise<readonly Row[]>;

export class Transactions {
  private readonly pool: Pool;

  constructor(databaseUrl: string, connections: number) {
    const pipelined = { pipeline: true };
    this.pool = new Pool({
      connectionString: databaseUrl,
      max: connections,
      idleTimeoutMillis: 0,
      ...pipelined,
    });
    // A connection that is lost between two transactions is nobody's yet, and the next one is opened anew.
    this.pool.on('error', () => undefined);
  }

  /**
   * Commits what the body has run, or rolls it back when it throws.
   * @param body its first statement travels with `begin`
   */
  async do<Result>(body: (run: Run) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    try {
      const [, result] = await Promise.all([client.query('begin'), body(runOn(client))]);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

const runOn =
  (client: PoolClient): Run =>
  async <Row>({ name, text }: Statement, values: readonly unknown[]) =>
    (await client.query({ name, text, values: [...values] })).rows as Row[];
