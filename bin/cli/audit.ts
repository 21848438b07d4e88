// `trade audit`: adds the books up. Ends with 1 if any rule is broken.
import type { Command } from 'commander';
import { wantsJson } from './flags';
import { withOperations } from './operator';
import { printAudit, printJson } from './print';

export function auditCommand(program: Command): void {
  program
    .command('audit')
    .description('reads the books and reports every broken rule; best while nothing moves')
    .option('--adopt', 'rows without ledger entries count as opening balances')
    .action(async ({ adopt = false }: { adopt?: boolean }, command: Command) => {
      const report = await withOperations(command, (operations) => operations.audit({ adopt }));
      if (wantsJson(command)) printJson(report);
      else printAudit(report);
      if (!report.clean) process.exitCode = 1;
    });
}
