// `trade sandbox`: the sandbox payment platform alone, for nodes that are told its SANDBOX_URL.
import type { Command } from 'commander';
import { callbackUrlOf } from '../callback-url';
import { ConfigError } from '../config';
import { startSandbox } from '../sandbox/server';
import { isUrl } from '../settings';
import { createLogger } from './logger';
import { operatorConfig } from './operator';
import { printLine } from './print';
import { untilSignalled } from './until-signalled';

export function sandboxCommand(program: Command): void {
  program
    .command('sandbox')
    .description('starts the sandbox payment platform alone; its keys lie in DATA_DIR')
    .option(
      '--callback-url <urls...>',
      `where callbacks go (${callbackUrlOf('<PUBLIC_URL>')}); of several, each attempt to the next`,
      (url: string, before: readonly string[] | undefined) => [...(before ?? []), httpUrl(url)],
    )
    .action(async ({ callbackUrl }: { callbackUrl?: readonly string[] }, command: Command) => {
      const { sandbox, http, dataDir, logLevel } = operatorConfig(command);
      if (!sandbox || sandbox.port === 0)
        throw new ConfigError(['SANDBOX_PORT must not be 0, and DEMO must be 1']);
      const logger = createLogger(logLevel);
      await untilSignalled(
        logger,
        async () => {
          const platform = await startSandbox({
            port: sandbox.port,
            host: http.host,
            publicUrl: sandbox.publicUrl,
            dataDir,
            callbackUrl: callbackUrl ?? callbackUrlOf(http.publicUrl),
            logger,
          });
          return { url: platform.url, stop: () => platform.close() };
        },
        ({ url }) => printLine(`Sandbox     ${url}`),
      );
      process.exit(0);
    });
}

/** @throws Error with one clear line */
function httpUrl(text: string): string {
  if (isUrl(text, ['http:', 'https:'])) return text;
  throw new Error(`--callback-url must be an http:// or https:// address, not '${text}'`);
}
