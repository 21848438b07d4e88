// `trade orders show|stuck`, `trade payments show|refunds`.
import { Option, type Command } from 'commander';
import { wantsJson } from './flags';
import { parseId, parseLimit, withOperations } from './operator';
import { printDetails, printJson, printLine, printRows } from './print';
import {
  OPEN_COMPENSATIONS,
  type Page,
  type Row,
  type StuckOrder,
  type StuckQuery,
} from '../../actors/domain/operations';

const STUCK_COLUMNS = ['orderId', 'userId', 'state', 'why', 'attempts', 'nextAttemptTime', 'addTime'];
const REFUND_COLUMNS = [
  'transactionId',
  'payId',
  'amount',
  'state',
  'reason',
  'attempts',
  'nextTime',
  'remark',
];

export function orderCommands(program: Command): void {
  const orders = program.command('orders').description('orders, as the books have them');
  orders
    .command('show')
    .argument('<orderId>', 'its id', parseId)
    .description('an order with its lines, ledger rows, payments and events')
    .action(async (orderId: string, _: object, command: Command) => {
      const order = await withOperations(command, (operations) => operations.order(orderId));
      show(order, `there is no order ${orderId}`, command);
    });
  orders
    .command('stuck')
    .description('orders half-way or unpaid for too long, or whose compensation is not done')
    .option('--limit <number>', 'at most so many', parseLimit, 50)
    .option('--after <orderId>', 'only those behind this one, the last one seen')
    .addOption(
      new Option('--compensation <state>', 'only those whose compensation is').choices(OPEN_COMPENSATIONS),
    )
    .action(async ({ limit, after, compensation }: StuckQuery, command: Command) => {
      const which = { limit, after, compensation };
      const stuck = await withOperations(command, (operations) => operations.stuckOrders(which));
      if (wantsJson(command)) printJson(stuck);
      else printStuck(stuck);
    });
  const payments = program.command('payments').description('payments, as the books have them');
  payments
    .command('refunds')
    .description('money that is due to go back and has not, with attempts and why')
    .option('--limit <number>', 'at most so many', parseLimit, 50)
    .option('--after <transactionId>', 'only those behind this one, the last one seen')
    .action(async ({ limit, after }: Page, command: Command) => {
      const refunds = await withOperations(command, (operations) => operations.openRefunds({ limit, after }));
      if (wantsJson(command)) printJson(refunds);
      else printRows(refunds, REFUND_COLUMNS);
    });
  payments
    .command('show')
    .argument('<payId>', 'its id', parseId)
    .description('a payment with its transactions, log, points and events')
    .action(async (payId: string, _: object, command: Command) => {
      const payment = await withOperations(command, (operations) => operations.payment(payId));
      show(payment, `there is no payment ${payId}`, command);
    });
}

/** The orders, then the groups that gave up on them or are still at it. */
function printStuck(stuck: readonly StuckOrder[]): void {
  printRows(stuck, STUCK_COLUMNS);
  const groups = stuck.flatMap(({ gaveUp, retrying }) => [
    ...gaveUp.map((group) => ({ ...group, state: 'gave up' })),
    ...retrying.map((group) => ({ ...group, state: 'tries again' })),
  ]);
  if (groups.length === 0) return;
  printLine('');
  printRows(groups, ['group', 'key', 'state', 'attempts', 'remark', 'time', 'nextTime']);
}

function show(row: Row | undefined, absent: string, command: Command): void {
  if (!row) throw new Error(absent);
  if (wantsJson(command)) printJson(row);
  else printDetails(row);
}
