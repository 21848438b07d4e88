import { Command } from 'commander';
import { callbackUrlOf } from '../callback-url';
import { sandboxCommand } from './sandbox';

test('the help of --callback-url gives the whole address', () => {
  const program = new Command();
  sandboxCommand(program);
  const help = program.commands[0]?.helpInformation().replace(/\s+/g, ' ');
  expect(help).toContain(callbackUrlOf('<PUBLIC_URL>'));
});
