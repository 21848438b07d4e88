// The books after hostile input: every rule of the audit holds, and every row that somebody could have made was made
// by a request that was answered so.
import { GROUPS } from '../../actors/domain/events';
import type { NatsConnection } from 'nats';
import { NodeBooks } from '../helpers/node-books';
import { rows, Shop } from '../helpers/shop';
import { until } from '../helpers/until';
import type { Effects } from './effects';
import { isNodesOwn } from './node-commands';
import type { World } from './world';

const SETTLED_WITHIN_MS = 180_000;

/** Hostile events end among the dead letters, and the platform knows nothing of payments that we forged. */
const EXPECTED = ['no consumption is parked', 'no refund has failed'];

/** Waits until nothing is left to consume. */
export const drained = (connection: NatsConnection): Promise<void> =>
  until(
    'every group to be done',
    async () => {
      const manager = await connection.jetstreamManager();
      const infos = await Promise.all(GROUPS.map(({ topic, name }) => manager.consumers.info(topic, name)));
      return infos.every(({ num_pending, num_ack_pending }) => num_pending + num_ack_pending === 0);
    },
    SETTLED_WITHIN_MS,
  );

const GIVE_BACK = 'no compensation is half-way';

/** @returns the rules that stay broken once everything has settled */
export async function brokenRules(world: World): Promise<readonly string[]> {
  await until('the give-backs to have ended', () => redriveGiveBacks(world), SETTLED_WITHIN_MS).catch(
    () => undefined,
  );
  return rulesBroken(world);
}

/** Under load an owner may be silent three times: then an operator tries its give-back once more. @returns whether none is left */
async function redriveGiveBacks({ node }: World): Promise<boolean> {
  const shop = new Shop(node);
  const { rules } = await shop.audit();
  const orders = rules.find(({ rule }) => rule === GIVE_BACK)?.examples ?? [];
  for (const orderId of orders.filter((one) => !isNodesOwn(one))) {
    for (const { groupName, msgTag, msgKey, consumerStatus } of rows(
      await shop.orderBooks(orderId),
      'inbox',
    )) {
      if (consumerStatus !== 2) continue;
      await shop.admin('POST', '/dead-letters/redrive', { group: groupName, tag: msgTag, key: msgKey });
    }
  }
  return orders.length === 0;
}

async function rulesBroken({ node }: World): Promise<readonly string[]> {
  const shop = new Shop(node);
  let broken: readonly string[] = [];
  const isClean = async (): Promise<boolean> => {
    const { rules } = await shop.audit();
    broken = rules
      .filter(({ rule, broken: count }) => count > 0 && !EXPECTED.includes(rule))
      .filter(({ examples }) => !examples.every((example) => example.split(/\D+/).some(isNodesOwn)))
      .map((finding) => [JSON.stringify(finding), ...linesAbout(finding.examples, node.logs())].join('\n  '));
    return broken.length === 0;
  };
  await until('the books to be clean', isClean, SETTLED_WITHIN_MS / 3).catch(() => undefined);
  return broken;
}

const MOST_LINES = 12;

/** What the log tells of the first of them. */
function linesAbout([example = '']: readonly string[], log: string): readonly string[] {
  const name = example.split(':').at(-1) ?? '';
  const lines = log.split('\n').filter((line) => line.includes(name));
  return lines.slice(0, MOST_LINES).map((line) => line.slice(0, 500));
}

const LINES = {
  'wallet.recharge': `select user_id || ' ' || order_id || ' ' || use_money as line from trade_user_money_log
    where money_log_type = 3 and order_id <> 0`,
  'goods.restock': `select goods_id || ' ' || order_id || ' ' || goods_number as line from trade_goods_number_log
    where log_type = 3 and order_id <> 0`,
  'goods.create': `select goods_name as line, goods_id as id from trade_goods where add_time > $1`,
  'coupon.issue': `select user_id || ' ' || coupon_price as line, coupon_id as id from trade_coupon`,
  'order.place': `select user_id || ' ' || address || ' ' || order_amount as line, order_id as id from trade_order
    where order_status in (1, 4) and add_time > $1`,
  'payment.callback': `select pay_id || ' ' || transaction_id || ' ' || amount as line from trade_pay_transaction
    where create_time > $1`,
} as const;

/** What was there before counts as promised. */
export class Rows {
  private constructor(
    private readonly books: NodeBooks,
    private readonly since: Date,
    private readonly before: ReadonlySet<string>,
  ) {}

  static async open({ node }: World): Promise<Rows> {
    const books = await NodeBooks.open(node.env);
    const coupons = await books.query<{ id: string }>(LINES['coupon.issue']);
    const now = await books.query<{ now: Date }>('select now() as now from trade_goods limit 1');
    return new Rows(books, now.rows[0]!.now, new Set(coupons.rows.map(({ id }) => id)));
  }

  /** @returns the rows that nobody was promised, and the promises without a row */
  async compare(effects: Effects): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (const request of Object.keys(LINES) as (keyof typeof LINES)[]) {
      const text = LINES[request];
      const { rows: lines } = await this.books.query<{ line: string; id?: string }>(
        text,
        text.includes('$1') ? [this.since] : [],
      );
      const own = lines.filter(({ id = '' }) => !isNodesOwn(id) && !this.before.has(id));
      wrong.push(
        ...effects.compare(
          request,
          own.map(({ line }) => line),
        ),
      );
    }
    return wrong;
  }

  end(): Promise<void> {
    return this.books.end();
  }
}
