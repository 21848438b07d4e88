// What the command line says of itself, and of what it does not know.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { trade } from '../helpers/cli';
import { ROOT } from '../helpers/documents';

const NOWHERE = { env: {} };

it.each([
  ['an unknown command', ['ordres', 'show'], "error: unknown command 'ordres'\n(Did you mean orders?)"],
  ['an unknown option', ['outbox', 'show', '--quick'], "error: unknown option '--quick'"],
  ['a missing argument', ['orders', 'show'], "error: missing required argument 'orderId'"],
])('%s is an error, and one line says where help is', async (_, words, error) => {
  await expect(trade(NOWHERE, ...words)).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: `${error}\nHelp: trade --help, or --help after a command\n`,
  });
});

it('tells its version, which is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(await trade(NOWHERE, '--version')).toBe(`${version}\n`);
});
