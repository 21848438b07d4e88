// What is mistyped is refused before anything is asked, with what would have been right.
import { Command } from 'commander';
import { deadLetterCommands } from './dead-letters';
import { orderCommands } from './orders';
import { sandboxCommand } from './sandbox';

async function run(line: string): Promise<void> {
  const program = new Command('trade');
  for (const add of [deadLetterCommands, orderCommands, sandboxCommand]) add(program);
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    command.commands.forEach(quiet);
  };
  quiet(program);
  await program.parseAsync(line.split(' '), { from: 'user' });
}

test.each([
  ['orders show abc', "'abc' is no id: ids are numbers"],
  ['payments show 01', "'01' is no id: ids are numbers"],
  ['sandbox --callback-url nonsense', "an http:// or https:// address, not 'nonsense'"],
  ['sandbox --callback-url http://127.0.0.1:1/a ftp://x', "an http:// or https:// address, not 'ftp://x'"],
  ['dead-letters redrive --group order_group', 'order_orderTopic_cancel_goods_group'],
  ['dead-letters redrive --tag cancel', 'order_cancel, pay_status, pay_refund'],
])('`trade %s` is refused', async (line, why) => {
  await expect(run(line)).rejects.toThrow(why);
});
