// A give-back that was given up may be carried out all the same: its command was still under way when nobody waited for
// it any more. No dead letter is left to re-drive then, so the order is told here that nothing is missing (promise 6).
import { groupsOf } from '../actors/domain/events';
import { BEFORE_ALL, pagesOf } from '../actors/domain/pages';
import type { FailedCompensation, OrderIndex } from '../actors/domain/ports/order-index';
import { keysOf } from '../actors/domain/consumption-keys';
import type { SettlerOptions } from './outbox-settler';
import { repeat, type Repeating } from './repeating';

export interface LateGiveBacksOptions extends Omit<SettlerOptions, 'outbox' | 'transport'> {
  readonly index: Pick<OrderIndex, 'failedCompensations'>;
}

const PAGE = 200;
const GROUPS = groupsOf('order_cancel');

export function startLateGiveBacks(options: LateGiveBacksOptions): Repeating {
  const { index, inboxOf, router, clock, logger, isKeeper } = options;

  const round = async (isStopped: () => boolean): Promise<void> => {
    if (!isKeeper() || isStopped()) return;
    const read = (after: string, limit: number) => index.failedCompensations(after, limit);
    for await (const failed of pagesOf(read, ({ orderId }) => orderId, BEFORE_ALL, PAGE)) {
      await Promise.all((await doneAfterAll(failed)).map(finish));
      if (!isKeeper() || isStopped()) return;
    }
  };

  /** Those for which every group is done: what a group once did it never undoes. */
  const doneAfterAll = async (
    failed: readonly FailedCompensation[],
  ): Promise<readonly FailedCompensation[]> => {
    const eventOf = ({ orderId, goodsIds }: FailedCompensation) => ({
      key: orderId,
      body: { lines: goodsIds.map((goodsId) => ({ goodsId })) },
    });
    const states = await Promise.all(
      GROUPS.map((group) => {
        const keys = failed.flatMap((order) => keysOf(group, eventOf(order)));
        return inboxOf(group.home).states(group.name, group.tag, keys);
      }),
    );
    return failed.filter((order) =>
      GROUPS.every((group, place) =>
        keysOf(group, eventOf(order)).every((key) => states[place]?.get(key) === 'done'),
      ),
    );
  };

  const finish = async ({ orderId }: FailedCompensation): Promise<void> => {
    const command = { type: 'FinishCompensation', failed: false };
    const answer = await router.ask({ kind: 'order', id: orderId, command, key: orderId, attempt: 1 });
    if (answer.outcome === 'ok')
      logger.info({ orderId }, 'a give-back that was given up was carried out late');
  };

  return repeat(round, {
    clock,
    everyMs: options.everyMs,
    onFailure: (error) => logger.warn({ err: error }, 'late give-backs cannot be looked for now'),
  });
}
