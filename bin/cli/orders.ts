// `trade orders show|stuck`, `trade payments show`.
import type { Command } from 'commander';
import { wantsJson } from './flags';
import { parseLimit, withOperations } from './operator';
import { printDetails, printJson, printRows } from './print';
import type { Row } from '../../actors/domain/operations';

const STUCK_COLUMNS = [
  'orderId',
  'userId',
  'orderStatus',
  'compensationStatus',
  'attempts',
  'failCode',
  'nextAttemptTime',
  'addTime',
];

export function orderCommands(program: Command): void {
  const orders = program.command('orders').description('orders, as the books have them');
  orders
    .command('show <orderId>')
    .description('an order with its lines, ledger rows, payments and events')
    .action(async (orderId: string, _: object, command: Command) => {
      const order = await withOperations(command, (operations) => operations.order(orderId));
      show(order, `there is no order ${orderId}`, command);
    });
  orders
    .command('stuck')
    .description('orders half-way for too long, or whose compensation is not done')
    .option('--limit <number>', 'at most so many', parseLimit, 50)
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const stuck = await withOperations(command, (operations) => operations.stuckOrders(limit));
      if (wantsJson(command)) printJson(stuck);
      else printRows(stuck, STUCK_COLUMNS);
    });
  program
    .command('payments')
    .description('payments, as the books have them')
    .command('show <payId>')
    .description('a payment with its transactions, log, points and events')
    .action(async (payId: string, _: object, command: Command) => {
      const payment = await withOperations(command, (operations) => operations.payment(payId));
      show(payment, `there is no payment ${payId}`, command);
    });
}

function show(row: Row | undefined, absent: string, command: Command): void {
  if (!row) throw new Error(absent);
  if (wantsJson(command)) printJson(row);
  else printDetails(row);
}
