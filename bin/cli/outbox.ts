// `trade outbox show|replay`: what waits to be published, and publishing it again.
import { Option, type Command } from 'commander';
import { STREAMS, type Stream } from '../../actors/domain/events';
import { wantsJson } from './flags';
import { withOperations } from './operator';
import { printDetails, printJson, printLine } from './print';

export function outboxCommands(program: Command): void {
  const outbox = program.command('outbox').description('events on their way out');
  outbox
    .command('show')
    .description('how many events wait to be sent, and how many for their groups')
    .action(async (_: object, command: Command) => {
      const counts = await withOperations(command, (operations) => operations.outbox());
      if (wantsJson(command)) printJson(counts);
      else printDetails(counts);
    });
  outbox
    .command('replay')
    .description('sends the events of a topic that are still kept again')
    .addOption(new Option('--topic <topic>', 'the stream').choices(STREAMS).makeOptionMandatory())
    .option('--key <key>', 'only those with this key')
    .action(async ({ topic, key }: { topic: Stream; key?: string }, command: Command) => {
      const replayed = await withOperations(command, (operations) => operations.replay(topic, key));
      if (wantsJson(command)) printJson({ replayed });
      else printLine(`${replayed} to be sent again`);
    });
}
