// The command line as an operator uses it: a process of its own, on the servers that a node runs on.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestNode } from './node';

/** The program itself, for whoever starts it otherwise. */
export const TRADE = join(__dirname, '..', '..', 'dist', 'bin', 'trade.js');

/** @returns what it printed. @throws Error with its output unless it ends with 0 */
export async function trade(node: Pick<TestNode, 'env'>, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [TRADE, ...args], { env: { ...node.env } });
  return stdout;
}
