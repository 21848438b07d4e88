// Orders that nobody asks for go on, each on the node that has its shard, and nowhere else.
import pino from 'pino';
import { ok, refused, type Answer, type Envelope, type Instant } from '../actors/domain/envelope';
import { RetryableError } from '../actors/domain/errors';
import { id, type OrderId, type PayId } from '../actors/domain/ids';
import { SILENCE_MS } from '../actors/domain/order-saga';
import type { OrderPage } from '../actors/domain/ports/order-index';
import type { Ownership } from '../actors/domain/ports/ownership';
import type { GatewayPaymentState, PaymentGateway } from '../actors/domain/ports/payment-gateway';
import { SimulatedProcess } from '../test/simulation/simulated-process';
import { SimulatedTime } from '../test/simulation/simulated-time';
import { startTimers, type TimersOptions } from './timers';

type Data = Readonly<Record<string, unknown>>;
type Listener = Parameters<Ownership['onGained']>[0];
const EVERY_MS = 1_000;

const openPayment = ok({ isPaid: false, provider: 'sandbox' });
const silent = () => new Promise<never>(() => undefined);

const pageOf = <Found>(all: readonly Found[], idOf: (one: Found) => OrderId, { after, limit }: OrderPage) =>
  all
    .filter((one) => Number(idOf(one)) > Number(after))
    .sort((one, other) => Number(idOf(one)) - Number(idOf(other)))
    .slice(0, limit);

/** A node with an order half-way and an unpaid one in each shard; the order's number is its shard's. */
function scene() {
  const time = new SimulatedTime();
  const { clock } = new SimulatedProcess(time);
  const listeners: { gained: Listener[]; lost: Listener[] } = { gained: [], lost: [] };
  const due: { readonly at: Instant; readonly moments: ReadonlyMap<number, Instant> }[] = [];
  const asked: string[] = [];
  const atPlatform: string[] = [];
  const logged: Data[] = [];
  const state = {
    payIdOf: (_shard: number): PayId | undefined => undefined,
    platform: (_payId: PayId): Promise<GatewayPaymentState> => Promise.resolve({ state: 'closed' }),
    isAway: false,
    answers: {} as Record<string, Answer>,
  };
  const index: TimersOptions['index'] = {
    unfinished(moments, page) {
      if (state.isAway) return Promise.reject(new Error('away'));
      due.push({ at: clock.now(), moments });
      const halfWay = [...moments.keys()].map((shard) => ({
        orderId: id<OrderId>(`1${shard}`),
        attempts: 2,
      }));
      return Promise.resolve(pageOf(halfWay, ({ orderId }) => orderId, page));
    },
    expired(shards, _now, paying, page) {
      if (state.isAway) return Promise.reject(new Error('away'));
      const due = shards
        .map((shard) => ({ orderId: id<OrderId>(`2${shard}`), payId: state.payIdOf(shard) }))
        .filter(({ payId }) => (payId !== undefined) === paying);
      return Promise.resolve(pageOf(due, ({ orderId }) => orderId, page));
    },
  };
  const ask = ({ id: of, command }: Omit<Envelope, 'shard'>): Promise<Answer> => {
    asked.push(`${command.type} ${of}`);
    return Promise.resolve(state.answers[command.type] ?? ok({}));
  };
  const query = (payId: PayId) => {
    atPlatform.push(payId);
    return state.platform(payId);
  };
  const timers = startTimers({
    index,
    ownership: {
      onGained: (listener) => void listeners.gained.push(listener),
      onLost: (listener) => void listeners.lost.push(listener),
    },
    router: { ask },
    clock,
    logger: pino({ level: 'warn' }, { write: (line) => void logged.push(JSON.parse(line) as Data) }),
    gatewayOf: () => ({ query }) as unknown as PaymentGateway,
    everyMs: EVERY_MS,
  });
  return {
    timers,
    index,
    state,
    due,
    asked,
    atPlatform,
    logged,
    now: () => clock.now(),
    pass: (ms: number) => time.pass(ms),
    gained: (...[kind, shards]: Parameters<Listener>) =>
      listeners.gained.forEach((tell) => tell(kind, shards)),
    lost: (...[kind, shards]: Parameters<Listener>) => listeners.lost.forEach((tell) => tell(kind, shards)),
  };
}

test('a node without shards asks for nothing', async () => {
  const { gained, due, asked, pass } = scene();
  gained('goods', [1]);
  await pass(5 * EVERY_MS);
  expect([due, asked]).toEqual([[], []]);
});

test('promise 6: what is half-way in a shard is taken up as soon as the shard is had', async () => {
  const { gained, asked, pass } = scene();
  await pass(10);
  gained('order', [3, 4]);
  await pass(0);
  expect(asked).toEqual(['TrySteps 13', 'TrySteps 14']);
});

test('promise 6: all of it is, also if a page does not hold it', async () => {
  const { gained, asked, pass } = scene();
  await pass(10);
  gained(
    'order',
    Array.from({ length: 450 }, (_, shard) => shard),
  );
  await pass(0);
  expect(new Set(asked).size).toBe(450);
});

test('an order whose id is 0 is an order', async () => {
  const { gained, index, asked, pass } = scene();
  index.unfinished = (_moments, { after }) =>
    Promise.resolve(Number(after) < 0 ? [{ orderId: id<OrderId>('0'), attempts: 1 }] : []);
  index.expired = (_shards, _now, paying, { after }) =>
    Promise.resolve(!paying && Number(after) < 0 ? [{ orderId: id<OrderId>('0'), payId: undefined }] : []);
  gained('order', [0]);
  await pass(EVERY_MS);
  expect(asked).toEqual(expect.arrayContaining(['TrySteps 0', 'ExpireOrder 0']));
});

test('orders that nobody paid in time end', async () => {
  const { gained, asked, pass } = scene();
  gained('order', [3, 4]);
  await pass(EVERY_MS);
  expect(asked).toEqual(expect.arrayContaining(['ExpireOrder 23', 'ExpireOrder 24']));
});

test('orders of shards that are lost are left to whoever has them', async () => {
  const { gained, lost, asked, pass } = scene();
  gained('order', [3, 4]);
  await pass(10);
  asked.length = 0;
  lost('order', [3]);
  lost('goods', [4]);
  await pass(2 * EVERY_MS);
  expect(new Set(asked)).toEqual(new Set(['TrySteps 14', 'ExpireOrder 24']));
});

test('what the owner before waited for is due at once, and nothing that this one begins', async () => {
  const { gained, due, now, pass } = scene();
  const begunMs = Date.parse(now());
  gained('order', [3]);
  await pass(SILENCE_MS + 5 * EVERY_MS);
  const looks = due.map(({ at, moments }) => ({
    afterMs: Date.parse(at) - begunMs,
    dueMs: Date.parse(moments.get(3) ?? '') - begunMs,
  }));
  // The owner before waited until a silence after its last sign, which was before this one got the shard.
  expect(looks).toEqual(looks.map(({ afterMs }) => ({ afterMs, dueMs: Math.max(SILENCE_MS, afterMs) })));
  expect(looks[0]).toMatchObject({ afterMs: 0 });
  expect(looks.at(-1)?.afterMs).toBeGreaterThan(SILENCE_MS);
});

test('a round that cannot read them is followed by the next', async () => {
  const { gained, state, asked, pass } = scene();
  state.isAway = true;
  gained('order', [3]);
  await pass(3 * EVERY_MS);
  expect(asked).toEqual([]);
  state.isAway = false;
  await pass(EVERY_MS);
  expect(asked).toEqual(expect.arrayContaining(['TrySteps 13', 'ExpireOrder 23']));
});

test('R16: an order does not expire while its open payment may still be paid', async () => {
  const { gained, state, asked, pass } = scene();
  state.payIdOf = () => id<PayId>('9');
  state.answers['FindPayment'] = openPayment;
  state.answers['ClosePayment'] = refused('SHOP_PAYMENT_IS_PAID');
  gained('order', [3]);
  await pass(3 * EVERY_MS);
  expect(asked).toEqual(expect.arrayContaining(['FindPayment 9', 'ClosePayment 9']));
  expect(asked).not.toContain('ExpireOrder 23');
  state.answers['ClosePayment'] = ok({});
  await pass(EVERY_MS);
  expect(asked).toContain('ExpireOrder 23');
});

describe('while the platform is silent', () => {
  test('promise 6: what is half-way in a shard just gained is taken up at once', async () => {
    const { gained, state, asked, pass } = scene();
    state.payIdOf = () => id<PayId>('9');
    state.answers['FindPayment'] = openPayment;
    state.platform = silent;
    gained('order', [3]);
    await pass(3 * EVERY_MS);
    expect(asked).toContain('FindPayment 9');
    asked.length = 0;
    gained('order', [4]);
    await pass(0);
    expect(asked).toContain('TrySteps 14');
  });

  test('about one payment, the other orders end', async () => {
    const { gained, state, asked, pass } = scene();
    state.payIdOf = (shard) => (shard < 3 ? id<PayId>(`9${shard}`) : undefined);
    state.answers['FindPayment'] = openPayment;
    state.platform = (payId) => (payId === '91' ? silent() : Promise.resolve({ state: 'closed' }));
    gained('order', [1, 2, 3]);
    await pass(EVERY_MS);
    expect(asked).toEqual(expect.arrayContaining(['ExpireOrder 22', 'ExpireOrder 23']));
    expect(asked).not.toContain('ExpireOrder 21');
  });

  describe('about more payments than a page has', () => {
    const stuck = Array.from({ length: 450 }, (_, place) => place);
    const isSilent = (payId: PayId): boolean => payId !== '9449';

    test('orders without a payment end at once', async () => {
      const { gained, state, asked, pass } = scene();
      state.payIdOf = (shard) => (shard < 450 ? id<PayId>(`9${shard}`) : undefined);
      state.answers['FindPayment'] = openPayment;
      state.platform = silent;
      gained('order', [...stuck, 500]);
      await pass(EVERY_MS);
      expect(asked.filter((one) => one.startsWith('ExpireOrder'))).toEqual(['ExpireOrder 2500']);
    });

    test('the last one is asked about in the same round', async () => {
      const { gained, state, asked, pass } = scene();
      state.payIdOf = (shard) => id<PayId>(`9${shard}`);
      state.answers['FindPayment'] = openPayment;
      state.platform = (payId) =>
        isSilent(payId) ? Promise.reject(new RetryableError('silent')) : Promise.resolve({ state: 'closed' });
      gained('order', stuck);
      await pass(EVERY_MS);
      expect(asked.filter((one) => one.startsWith('ExpireOrder'))).toEqual(['ExpireOrder 2449']);
    });
  });

  test('the log hears of all of them at once, and then once a minute, and anew when it was there in between', async () => {
    const { gained, state, logged, pass } = scene();
    const MINUTE_MS = 60_000;
    state.payIdOf = (shard) => id<PayId>(`9${shard}`);
    state.answers['FindPayment'] = openPayment;
    state.platform = () => Promise.reject(new RetryableError('the platform is away'));
    gained('order', [1, 2, 3]);
    const told = { orderId: '21', orders: 3, err: { message: 'the platform is away' } };
    await pass(MINUTE_MS);
    expect(logged).toMatchObject([told]);
    await pass(MINUTE_MS);
    expect(logged).toMatchObject([told, told]);
    state.platform = () => Promise.resolve({ state: 'closed' });
    await pass(2 * EVERY_MS);
    state.platform = () => Promise.reject(new RetryableError('the platform is away'));
    await pass(2 * EVERY_MS);
    expect(logged).toMatchObject([told, told, told]);
  });

  test('it is asked of a few at once, and of no more once they are stopped', async () => {
    const { gained, timers, state, asked, atPlatform, pass } = scene();
    const shards = Array.from({ length: 30 }, (_, shard) => shard);
    const givenUp: (() => void)[] = [];
    state.payIdOf = (shard) => id<PayId>(`9${shard}`);
    state.answers['FindPayment'] = openPayment;
    state.platform = () =>
      new Promise((_, reject) => givenUp.push(() => reject(new RetryableError('silent'))));
    gained('order', shards);
    await pass(3 * EVERY_MS);
    expect(atPlatform).toHaveLength(8);
    givenUp.splice(0, 4).forEach((giveUp) => giveUp());
    await pass(0);
    expect(atPlatform).toHaveLength(12);
    state.platform = () => Promise.resolve({ state: 'closed' });
    timers.stop();
    givenUp.splice(0).forEach((giveUp) => giveUp());
    await pass(0);
    expect(atPlatform).toHaveLength(12);
    expect(asked.filter((one) => one.startsWith('ExpireOrder'))).toEqual([]);
  });
});

test('stopped, they ask for nothing more', async () => {
  const { gained, timers, asked, pass } = scene();
  timers.stop();
  await pass(0);
  gained('order', [3]);
  await pass(5 * EVERY_MS);
  expect(asked).toEqual([]);
});
