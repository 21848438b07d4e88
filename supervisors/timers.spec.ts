// Orders that nobody asks for go on, each on the node that has its shard, and nowhere else.
import pino from 'pino';
import { ok, refused, type Answer, type Envelope } from '../actors/domain/envelope';
import { id, type OrderId, type PayId } from '../actors/domain/ids';
import { SILENCE_MS } from '../actors/domain/order-saga';
import type { OrderIndex, Ownership, PaymentGateway } from '../actors/domain/ports';
import { SimulatedProcess } from '../test/simulation/simulated-process';
import { SimulatedTime } from '../test/simulation/simulated-time';
import { startTimers } from './timers';

type Listener = Parameters<Ownership['onGained']>[0];
const EVERY_MS = 1_000;

/** A node with an order half-way and an unpaid one in each shard; the order's number is its shard's. */
function scene() {
  const time = new SimulatedTime();
  const { clock } = new SimulatedProcess(time);
  const listeners: { gained: Listener[]; lost: Listener[] } = { gained: [], lost: [] };
  const due: Record<string, string>[] = [];
  const asked: string[] = [];
  const state = {
    payId: undefined as PayId | undefined,
    isAway: false,
    answers: {} as Record<string, Answer>,
  };
  const index: OrderIndex = {
    unfinished(moments) {
      if (state.isAway) return Promise.reject(new Error('away'));
      due.push(Object.fromEntries(moments));
      return Promise.resolve([...moments.keys()].map((shard) => id<OrderId>(`1${shard}`)));
    },
    expired: (shards) =>
      Promise.resolve(shards.map((shard) => ({ orderId: id<OrderId>(`2${shard}`), payId: state.payId }))),
  };
  const ask = ({ id: of, command }: Omit<Envelope, 'shard'>): Promise<Answer> => {
    asked.push(`${command.type} ${of}`);
    return Promise.resolve(state.answers[command.type] ?? ok({}));
  };
  const timers = startTimers({
    index,
    ownership: {
      onGained: (listener) => void listeners.gained.push(listener),
      onLost: (listener) => void listeners.lost.push(listener),
    },
    router: { ask },
    clock,
    logger: pino({ level: 'silent' }),
    gatewayOf: () => ({ query: () => Promise.resolve({ state: 'closed' }) }) as unknown as PaymentGateway,
    everyMs: EVERY_MS,
  });
  return {
    timers,
    state,
    due,
    asked,
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
  expect(asked).toEqual(['TrySteps 13', 'TrySteps 14', 'ExpireOrder 23', 'ExpireOrder 24']);
});

test('orders of shards that are lost are left to whoever has them', async () => {
  const { gained, lost, asked, pass } = scene();
  gained('order', [3, 4]);
  await pass(10);
  asked.length = 0;
  lost('order', [3]);
  lost('goods', [4]);
  await pass(EVERY_MS);
  expect(asked).toEqual(['TrySteps 14', 'ExpireOrder 24']);
});

test('what the owner before waited for is due at once, and nothing that this one begins', async () => {
  const { gained, due, now, pass } = scene();
  const sinceMs = (moment: string | undefined) =>
    new Date(moment ?? '').getTime() - new Date(begun).getTime();
  const begun = now();
  gained('order', [3]);
  await pass(SILENCE_MS + 5 * EVERY_MS);
  const moments = due.map((moment) => sinceMs(moment['3']));
  // The owner before waited until a silence after its last sign, which was before this one got the shard.
  expect(moments.slice(0, 50)).toEqual(moments.slice(0, 50).map(() => SILENCE_MS));
  expect(moments.at(-1)).toBe(SILENCE_MS + 5 * EVERY_MS);
});

test('a round that cannot read them is followed by the next', async () => {
  const { gained, state, asked, pass } = scene();
  state.isAway = true;
  gained('order', [3]);
  await pass(3 * EVERY_MS);
  expect(asked).toEqual([]);
  state.isAway = false;
  await pass(EVERY_MS);
  expect(asked).toContain('TrySteps 13');
});

test('R16: an order does not expire while its open payment may still be paid', async () => {
  const { gained, state, asked, pass } = scene();
  state.payId = id<PayId>('9');
  state.answers['FindPayment'] = ok({ isPaid: false, provider: 'sandbox' });
  state.answers['ClosePayment'] = refused('SHOP_PAYMENT_IS_PAID');
  gained('order', [3]);
  await pass(10);
  expect(asked).toEqual(['TrySteps 13', 'FindPayment 9', 'ClosePayment 9']);
  state.answers['ClosePayment'] = ok({});
  await pass(EVERY_MS);
  expect(asked.at(-1)).toBe('ExpireOrder 23');
});

test('stopped, they ask for nothing more', async () => {
  const { gained, timers, asked, pass } = scene();
  timers.stop();
  await pass(0);
  gained('order', [3]);
  await pass(5 * EVERY_MS);
  expect(asked).toEqual([]);
});
