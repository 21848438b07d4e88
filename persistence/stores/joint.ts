// New orders with all that they take, in one statement where all of it is in one database: what it takes is in the ledgers if
// and only if the order is in the books. Orders that are written elsewhere have their steps here in the same statement.
import { isElsewhere, type Joint, type JointStep, type JointStore } from '../../actors/domain/joint';
import type { OrderFact } from '../../actors/domain/order';
import type { Order } from '../../actors/domain/order-state';
import type { Fate, StoreEntry } from '../../actors/domain/ports/store';
import { arraysOf, PlainColumns } from './batch-columns';
import { agreesWithCoupon, couponsUsed, type CouponFigures } from './coupon';
import { eventArrays, outboxRowsOf, type InsertedEvent } from './event-rows';
import { fatesOf } from './fates';
import { agreesWithGoods, stockTaken, type GoodsFigures } from './goods';
import { PLACE_JOINTLY } from './joint-statement';
import type { OrderStoreParts } from './order';
import { insertedEventOf, walletFiguresOf, type PartRow } from './part-rows';
import { LINES, linesOf, PLACED_AND_CHANGED } from './order-columns';
import { eventRowsOf, isChange } from './versioned-store';
import { agreesWithWallet, moneyTaken, type WalletFigures } from './wallet';

type JointRow = PartRow<'order' | 'event' | JointStep['kind']>;

/** The store of orders that are placed with all their steps. */
export const createJointStore = ({
  writer,
  now,
  shardOf,
  eventsOf,
  onEvents,
}: Omit<OrderStoreParts, 'reader'>): JointStore => ({
  async write(joints) {
    const at = now();
    const orders: readonly StoreEntry<Order, OrderFact>[] = joints;
    const placed = orders.filter(isChange);
    const events = eventRowsOf(placed, eventsOf);
    const steps = new Steps(joints);
    const rows = await writer.query<JointRow>(PLACE_JOINTLY, [
      ...arraysOf(
        PLACED_AND_CHANGED,
        placed.map(({ id, after }) => ({ after, shard: shardOf(id) })),
      ),
      ...arraysOf(
        LINES,
        placed.flatMap(({ after }) => linesOf(after)),
      ),
      at,
      ...eventArrays(events),
      ...steps.arrays(),
      ...idsOf(joints.filter(isElsewhere)),
    ]);
    const returned = new Returned(rows);
    if (returned.events.length > 0) onEvents(outboxRowsOf(returned.events, events, at));
    const asBelieved = steps.asBelieved(returned);
    return joints.map((joint): Fate => {
      if (!isElsewhere(joint) && !returned.orders.has(joint.id)) return 'conflict';
      return joint.steps.every(({ entry }) => asBelieved.has(entry)) ? 'applied' : 'stale';
    });
  },
});

const idsOf = (joints: readonly Joint[]): string[] => {
  const ids = new PlainColumns(1);
  for (const { id } of joints) ids.add(id);
  return ids.arrays();
};

type AnyEntry = JointStep['entry'];

/** The steps of a batch by kind. */
class Steps {
  private readonly goods: Extract<JointStep, { kind: 'goods' }>['entry'][] = [];
  private readonly wallets: Extract<JointStep, { kind: 'wallet' }>['entry'][] = [];
  private readonly coupons: Extract<JointStep, { kind: 'coupon' }>['entry'][] = [];

  constructor(joints: readonly Joint[]) {
    for (const { steps } of joints) for (const step of steps) this.add(step);
  }

  arrays(): readonly unknown[] {
    return [...stockTaken(this.goods), ...moneyTaken(this.wallets), ...couponsUsed(this.coupons)];
  }

  /** Those whose entity is held as it is believed to be. */
  asBelieved({ goods, wallets, coupons }: Returned): ReadonlySet<AnyEntry> {
    return new Set([
      ...applied(this.goods, fatesOf(this.goods, goods, agreesWithGoods)),
      ...applied(this.wallets, fatesOf(this.wallets, wallets, agreesWithWallet)),
      ...applied(this.coupons, fatesOf(this.coupons, coupons, agreesWithCoupon)),
    ]);
  }

  private add(step: JointStep): void {
    switch (step.kind) {
      case 'goods':
        this.goods.push(step.entry);
        return;
      case 'wallet':
        this.wallets.push(step.entry);
        return;
      case 'coupon':
        this.coupons.push(step.entry);
    }
  }
}

const applied = (entries: readonly AnyEntry[], fates: readonly Fate[]): readonly AnyEntry[] =>
  entries.filter((_entry, place) => fates[place] === 'applied');

/** What the statement returned, by part. */
class Returned {
  readonly orders = new Set<string>();
  readonly events: InsertedEvent[] = [];
  readonly goods: GoodsFigures[] = [];
  readonly wallets: WalletFigures[] = [];
  readonly coupons: CouponFigures[] = [];

  constructor(rows: readonly JointRow[]) {
    for (const row of rows) this.add(row);
  }

  private add(row: JointRow): void {
    const { part, id, first, second } = row;
    switch (part) {
      case 'order':
        this.orders.add(id);
        return;
      case 'event':
        this.events.push(insertedEventOf(row));
        return;
      case 'goods':
        this.goods.push({ id, entry: null, done: null, stock: Number(first), price: second });
        return;
      case 'wallet':
        this.wallets.push(walletFiguresOf(row));
        return;
      case 'coupon':
        this.coupons.push({ id, entry: null, done: null, user_id: first, order_id: second });
    }
  }
}
