// What is left when the faults are over: everything comes to its end, and nothing that was said was untrue.
import { join } from 'node:path';
import type { Customers } from '../../bin/load/customers';
import { Ledger } from '../../bin/sandbox/ledger';
import { sandboxFolder } from '../../bin/sandbox/keys';
import { must } from '../helpers/shop';
import { until } from '../helpers/until';
import type { Cluster } from '../reliability/cluster';
import { nameOf } from './acts';
import { differencesOf, type BookedRow } from './platform-books';

export interface Verdict {
  readonly broken: readonly string[];
  /** Events that an operator had to send again. */
  readonly redriven: number;
  readonly orders: number;
  readonly confirmed: number;
  readonly payments: number;
  readonly transactions: number;
  readonly refunds: number;
}

/** What failed three times while everything was away is left to an operator, who looks after this long. */
const OPERATOR_LOOKS_MS = 20_000;
const SETTLES_MS = 100_000;
const KEPT_MS = 10_000;

/** What is not at rest, by what it is. */
const OPEN = `select
  (select count(*) from trade_order where order_status = 0)::int as "orders half-way",
  (select count(*) from trade_order where compensation_status in (1, 3))::int as "compensations half-way",
  (select count(*) from trade_order where order_status = 1 and pay_status <> 2)::int as "orders neither paid nor ended",
  (select count(*) from trade_pay_transaction where state not in ('booked', 'refunded'))::int as "refunds under way",
  (select count(*) from trade_mq_producer_temp)::int as "events in the outbox",
  (select count(*) from trade_mq_consumer_log where consumer_status = 0)::int as "events being consumed"`;

/** Waits until everything has ended, with an operator's help, and looks. */
export async function judge(cluster: Cluster, customers: Customers): Promise<Verdict> {
  const { promises, tally } = customers;
  let open = await openThings(cluster);
  const settles = async (withinMs: number): Promise<void> => {
    const isOver = async (): Promise<boolean> => {
      open = await openThings(cluster);
      return open.length === 0;
    };
    await until('everything to end', isOver, withinMs).catch(() => undefined);
  };
  await settles(OPERATOR_LOOKS_MS);
  const redriven = await redriveAll(cluster);
  if (open.length > 0 || redriven > 0) await settles(SETTLES_MS);

  const orders = await cluster.sql<{ key: string; status: number }>(
    'select request_key as key, order_status as status from trade_order where request_key is not null',
  );
  const confirmed = orders.filter(({ status }) => status === 1);
  const rows = await cluster.sql<BookedRow>(
    `select transaction_id as "transactionId", pay_id::text as "payId", amount::text, state from trade_pay_transaction`,
  );
  const payments = platformBooks(cluster);
  const transactions = payments.flatMap((payment) => payment.transactions);
  return {
    broken: [
      ...(tally.answers > 0 ? [] : ['nobody was served']),
      ...open,
      ...(await customers.broken(KEPT_MS)),
      ...confirmed
        .filter(({ key }) => promises.refusals.has(key))
        .map(({ key }) => `${key} was refused with ${promises.refusals.get(key)}, and is confirmed`),
      ...differencesOf(payments, rows),
      ...(await cluster.shop.brokenRules(KEPT_MS)),
      ...(await parked(cluster)).map((letter) => `still a dead letter: ${letter}`),
      ...fatalities(cluster),
    ],
    redriven,
    orders: orders.length,
    confirmed: confirmed.length,
    payments: payments.length,
    transactions: transactions.length,
    refunds: transactions.filter(({ refunded }) => refunded !== undefined).length,
  };
}

async function openThings(cluster: Cluster): Promise<readonly string[]> {
  const [row = {}] = await cluster.sql<Record<string, number>>(OPEN);
  const untold = platformBooks(cluster)
    .flatMap(({ transactions }) => transactions)
    .filter(({ acknowledged, callback }) => !acknowledged && callback.style !== 'silent').length;
  return Object.entries({ ...row, 'callbacks without an acknowledgement': untold })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${what}: ${count}`);
}

function platformBooks({ dataDir }: Cluster) {
  const ledger = new Ledger(join(sandboxFolder(dataDir), 'ledger.jsonl'));
  ledger.end();
  return [...ledger.payments];
}

/** As an operator with `trade dead-letters redrive --all`. @returns how many there were */
async function redriveAll({ shop }: Cluster): Promise<number> {
  let redriven = 0;
  const done = async (): Promise<boolean> => {
    const { data } = must(await shop.admin('POST', '/dead-letters/redrive', {}));
    redriven = Number(data['redriven']);
    return true;
  };
  await until('the dead letters to be re-driven', done);
  return redriven;
}

async function parked({ shop }: Cluster): Promise<readonly string[]> {
  return (await shop.deadLetters()).map(({ group, key, remark }) =>
    [group, key, remark].map(String).join(' '),
  );
}

/** What a node says when it ends because of something that nobody foresaw. */
const fatalities = ({ nodes }: Cluster): readonly string[] =>
  nodes.flatMap((node) =>
    node
      .logs()
      .split('\n')
      .filter((line) => line.startsWith('{"level":60'))
      .map((line) => `${nameOf(node)}: ${line.slice(0, 500)}`),
  );
