// Customers and operators: they ask, ask again elsewhere when nobody answers, and remember what they were told.
import type { OrderId, PayId } from '../../../actors/domain/ids';
import { money } from '../../../actors/domain/money';
import type { Request } from '../../../actors/domain/front-door';
import type { Chance } from '../../../bin/load/seeded';
import type { Data } from '../../../bin/load/order-body';
import type { Reply } from './front';
import { drawWish, type Wish } from './market';
import type { Manner } from './platform';
import { Told } from './told';
import type { World } from './world';

const AGAIN_MS = 400;
const MOST_TRIES = 200;

/** These say that nothing is known yet: whoever hears one asks again. */
const NOT_YET: ReadonlySet<string> = new Set(['SHOP_UNAVAILABLE', 'SHOP_BUSY', 'SHOP_ORDER_PENDING']);

export class Customers {
  readonly told = new Told();
  /** Visits and errands that are not over. */
  present = 0;

  constructor(
    private readonly world: World,
    private readonly chance: Chance,
  ) {}

  /** So many customers come within the time. */
  come(count: number, withinMs: number): void {
    for (let visit = 1; visit <= count; visit += 1) {
      const wish = drawWish(this.world.market, this.chance, withinMs);
      this.after(wish.comesAtMs, () => this.visit(`key-${visit}`, wish));
    }
  }

  /** Operators fill up stock and wallets, and everybody looks. */
  lookAndFill(count: number, withinMs: number): void {
    const { chance, world } = this;
    for (let errand = 0; errand < count; errand += 1) {
      const { goodsId } = chance.pick(world.market.goods);
      const { userId } = chance.pick(world.market.users);
      const requestKey = String(errand + 1);
      const errandsToRun = [
        () => this.ask('goods.find', { goodsId }),
        () => this.ask('goods.find', { goodsId }),
        () => this.ask('wallet.find', { userId }),
        () => this.ask('goods.restock', { goodsId, requestKey, goodsNumber: 1 + (errand % 3) }),
        () => this.ask('wallet.recharge', { userId, requestKey, amount: '5.00' }),
      ];
      this.after(chance.whole(0, withinMs), chance.pick(errandsToRun));
    }
  }

  private after(ms: number, errand: () => Promise<unknown>): void {
    this.present += 1;
    this.world.time.after(ms, () => void errand().finally(() => (this.present -= 1)));
  }

  private async visit(key: string, wish: Wish): Promise<void> {
    const placed = await Promise.all([
      this.place(key, wish),
      ...(wish.sentTwice ? [this.place(key, wish)] : []),
    ]);
    const confirmed = placed.find((reply) => reply?.code === 'SHOP_SUCCESS');
    if (!confirmed) return;
    const { orderId, payAmount } = confirmed.data as { orderId: OrderId; payAmount: string };
    const cancel = (): Promise<unknown> => this.orderErrand('order.cancel', orderId, 'cancelled');
    switch (wish.then) {
      case 'nothing':
        return;
      case 'cancel':
        await cancel();
        return;
      case 'pay and cancel at once':
        await Promise.all([this.pay(orderId, payAmount), this.pause(this.chance.whole(0, 60)).then(cancel)]);
        return;
      case 'pay, then cancel':
        await this.pay(orderId, payAmount);
        await cancel();
        return;
      case 'pay':
      case 'pay, then refund':
      case 'pay, then ship':
        await this.pay(orderId, payAmount);
        if (wish.then === 'pay') return;
        await this.pause(this.chance.whole(1, 4_000));
        if (wish.then === 'pay, then refund') await this.orderErrand('order.refund', orderId, 'refunded');
        else await this.orderErrand('order.ship', orderId, 'shipped');
    }
  }

  private async place(key: string, { body }: Wish): Promise<Reply | undefined> {
    const reply = await this.ask('order.place', { ...body, requestKey: key });
    if (reply) this.told.placed(key, reply);
    return reply;
  }

  private async orderErrand(
    request: Request,
    orderId: OrderId,
    end: 'cancelled' | 'refunded' | 'shipped',
  ): Promise<void> {
    this.told.asked(orderId, end);
    const reply = await this.ask(request, { orderId });
    if (reply?.code === 'SHOP_SUCCESS') this.told.ended(orderId, end);
  }

  private async pay(orderId: OrderId, payAmount: string): Promise<void> {
    const { chance, world } = this;
    const created = await this.ask('payment.create', { orderId, payAmount });
    if (created?.code !== 'SHOP_SUCCESS') return;
    const { payId } = created.data as { payId: PayId };
    if (chance.of(0.1)) return;
    // Some pay twice, and some another amount.
    const [paysAgain, paysOther, paysRight] = [chance.of(0.15), chance.of(0.1), chance.of(0.95)];
    if (paysRight) world.platform.pay(payId, this.manner(!paysAgain && !paysOther));
    if (paysAgain) world.platform.pay(payId, this.manner(false));
    if (paysOther || !paysRight) world.platform.pay(payId, this.manner(false), money('0.50'));
  }

  /** @param maySilent what a platform never tells of is found only if it is the only movement of its payment */
  private manner(maySilent: boolean): Manner {
    const { chance } = this;
    return {
      silent: maySilent && chance.of(0.3),
      afterMs: chance.of(0.2) ? chance.whole(1_000, 15_000) : chance.whole(0, 100),
      twice: chance.of(0.2),
      badlySignedFirst: chance.of(0.05),
    };
  }

  /** Asks until there is an answer, of whichever node. @returns undefined if there never was one */
  private async ask(request: Request, body: Data): Promise<Reply | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const reply = await this.world.askAnyNode((door) => door.call(request, body));
      if (reply?.code === 'SHOP_FAIL') this.world.broken(`${request} was answered with an internal failure`);
      if (reply && !NOT_YET.has(reply.code)) return reply;
      await this.pause(AGAIN_MS);
    }
    this.world.broken(`${request} was never answered: ${JSON.stringify(body)}`);
    return undefined;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.world.time.after(ms, resolve));
  }
}
