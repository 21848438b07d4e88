import { isCollected } from '../test/helpers/memory';
import { ok, retry, type Answer, type Envelope } from './domain/envelope';
import {
  goodsDecider,
  type Goods,
  type GoodsCommand,
  type GoodsFact,
  type GoodsRecord,
} from './domain/goods';
import { id, type GoodsId, type OrderId } from './domain/ids';
import { money } from './domain/money';
import type { Committer, LoadRequest, Settlement, StoreEntry } from './domain/ports/store';
import { Entity } from './entity';

const goodsId = id<GoodsId>('1');
const price = money('5');
const goods = (stock: number): Goods => ({ goodsId, name: 'g', description: '', price, stock, addTime: '' });

/** An entity of goods whose commits and loads the test settles by hand. */
function scene(stock: number, fresh = true) {
  const staged: { entry: StoreEntry<Goods, GoodsFact>; done: (settlement: Settlement) => void }[] = [];
  const loads: LoadRequest[][] = [];
  const ledger = new Map<string, GoodsRecord>();
  let stored = goods(stock);
  let awake = Promise.resolve();
  const committer: Committer<Goods, GoodsFact> = {
    stage: (entry, done) => void staged.push({ entry, done }),
    isFresh: () => fresh,
  };
  const turn = (): void => {
    awake = awake.then(() => entity.handle());
  };
  const entity: Entity<Goods, GoodsCommand, GoodsFact, GoodsRecord> = new Entity(
    goodsId,
    {
      decider: goodsDecider,
      committer,
      loader: {
        load: (requests) => {
          loads.push([...requests]);
          return Promise.resolve(
            requests.map(({ recordKey }) => ({ state: stored, recorded: ledger.get(recordKey ?? '') })),
          );
        },
      },
      follow: () => undefined,
      onFault: () => undefined,
    },
    { wake: turn, resume: turn },
  );
  const settled = async (): Promise<void> => {
    for (let before; before !== awake;) {
      before = awake;
      await before;
      await Promise.resolve();
    }
  };
  const answers: (Answer | undefined)[] = [];
  const send = (command: GoodsCommand, attempt = 1): number => {
    const place = answers.push(undefined) - 1;
    const envelope: Envelope = { kind: 'goods', id: goodsId, shard: 0, command, key: 'k', attempt };
    entity.receive(envelope, (answer) => (answers[place] = answer));
    return place;
  };
  const take = (order: string, quantity: number, attempt = 1): number =>
    send({ type: 'TakeStock', orderId: id<OrderId>(order), quantity, price }, attempt);
  const settle = async (...settlements: Settlement['settled'][]): Promise<void> => {
    for (const { done } of staged.splice(0, settlements.length)) {
      const settled = settlements.shift();
      done(settled === 'poisoned' ? { settled, message: 'refused' } : ({ settled } as Settlement));
    }
    await run();
  };
  const run = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await settled();
  };
  return {
    entity,
    staged,
    loads,
    ledger,
    answers,
    send,
    take,
    settle,
    run,
    stock: (now: number) => (stored = goods(now)),
  };
}

test('promise 1: nothing is said before it is saved, and decisions do not wait for it', async () => {
  const { take, run, settle, staged, answers } = scene(10);
  take('1', 4);
  take('2', 4);
  await run();
  expect(staged.map(({ entry }) => entry.after?.stock)).toEqual([6, 2]);
  expect(answers).toEqual([undefined, undefined]);
  await settle('applied', 'applied');
  expect(answers).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }]);
});

test('R7: a refusal and a find wait for the commits before them', async () => {
  const { take, send, run, settle, answers } = scene(5);
  take('1', 4);
  take('2', 4);
  send({ type: 'FindGoods' });
  await run();
  expect(answers).toEqual([undefined, undefined, undefined]);
  await settle('applied');
  expect(answers).toMatchObject([
    { outcome: 'ok' },
    { code: 'SHOP_GOODS_NUM_NOT_ENOUGH' },
    { data: { stock: 1 } },
  ]);
});

test('R7: without a recent flush an answer waits for an empty one', async () => {
  const { send, run, settle, staged, answers } = scene(5, false);
  send({ type: 'FindGoods' });
  await run();
  expect(staged).toMatchObject([{ entry: { facts: [] } }]);
  expect(answers).toEqual([undefined]);
  await settle('applied');
  expect(answers).toMatchObject([{ outcome: 'ok' }]);
});

test('R7: an answer behind a commit that is too old to prove anything has a flush of its own', async () => {
  const { take, send, run, settle, staged, answers } = scene(5, false);
  take('1', 1);
  send({ type: 'FindGoods' });
  await run();
  await settle('applied');
  expect(staged).toMatchObject([{ entry: { facts: [] } }]);
  await settle('applied');
  expect(answers).toMatchObject([{ outcome: 'ok' }, { data: { stock: 4 } }]);
});

test('R3, R8: a take that was in the ledger already is decided again, as a repeat', async () => {
  const { take, run, settle, ledger, loads, answers, stock } = scene(5);
  take('1', 5);
  await run();
  ledger.set('1', { taken: 5, givenBack: false });
  stock(0);
  await settle('conflict');
  expect(loads.at(-1)).toEqual([{ id: goodsId, recordKey: '1' }]);
  expect(answers).toMatchObject([{ outcome: 'ok' }]);
});

test('R8: a repeat that comes while the first is being committed waits for its row, and is a success', async () => {
  const { take, run, settle, ledger, loads, answers, staged } = scene(5);
  take('1', 3);
  take('2', 2);
  await run();
  // Their senders have heard nothing for too long. The first commit ends while the rows are being read.
  take('1', 3, 2);
  take('2', 2, 2);
  await run();
  ledger.set('1', { taken: 3, givenBack: false });
  await settle('applied');
  ledger.set('2', { taken: 2, givenBack: false });
  await settle('applied');
  expect(answers.map((answer) => answer?.outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
  expect(staged).toEqual([]);
  expect(loads.flat().at(-1)).toEqual({ id: goodsId, recordKey: '2' });
});

test('R6: what was decided after a fact that failed is withdrawn and decided again', async () => {
  const { take, run, settle, staged, answers, stock } = scene(10);
  take('1', 4);
  take('2', 4);
  await run();
  stock(5);
  await settle('conflict', 'withdrawn');
  expect(staged.map(({ entry }) => entry.after?.stock)).toEqual([1]);
  await settle('applied');
  expect(answers).toMatchObject([{ outcome: 'ok' }, { code: 'SHOP_GOODS_NUM_NOT_ENOUGH' }]);
});

test('R3: an actor whose figures proved stale answers by what it reads, and goes on from there', async () => {
  const { send, take, run, settle, staged, answers, stock, ledger } = scene(10);
  send({ type: 'Restock', requestKey: '9', quantity: 3 });
  await run();
  // It was done, on top of what another owner had done meanwhile.
  stock(100);
  ledger.set('9', { restocked: 3 });
  await settle('stale');
  expect(answers).toMatchObject([{ outcome: 'ok', data: { stock: 100 } }]);
  take('2', 1);
  await run();
  expect(staged).toMatchObject([{ entry: { after: { stock: 99 } } }]);
});

test('R6: without a database the senders are told to ask again, and a poisoned write is a fault', async () => {
  const { take, run, settle, answers } = scene(10);
  take('1', 1);
  take('2', 1);
  await run();
  await settle('unavailable', 'poisoned');
  expect(answers).toMatchObject([
    { outcome: 'retry', reason: 'unavailable' },
    { outcome: 'fault', message: 'refused' },
  ]);
});

test('promise 4: a decider that throws answers with a fault and harms nobody else', async () => {
  const { send, take, run, settle, answers } = scene(10);
  send({ type: 'TakeStock' } as GoodsCommand);
  send({ type: 'Nonsense' } as never);
  take('1', 1);
  await run();
  await settle('applied');
  expect(answers[2]).toMatchObject({ outcome: 'ok' });
  expect(answers[1]).toMatchObject({ outcome: 'fault', message: 'no such command: Nonsense' });
});

test('what is under way when the shard is lost goes back to its senders', async () => {
  const { entity, take, run, answers } = scene(10);
  take('1', 1);
  await run();
  take('2', 1);
  entity.abandon({ outcome: 'retry', reason: 'moving' });
  expect(answers).toMatchObject([{ reason: 'moving' }, { reason: 'moving' }]);
  expect(entity.isIdle).toBe(true);
});

describe('a joint commit', () => {
  const orders = {};
  const ignore = (): void => undefined;
  const taken = (order: string, quantity: number): GoodsFact => ({
    type: 'StockTaken',
    orderId: id<OrderId>(order),
    quantity,
  });
  const takeOf = (order: string, quantity: number): GoodsCommand => ({
    type: 'TakeStock',
    orderId: id<OrderId>(order),
    quantity,
    price,
  });
  const envelopeOf = (command: GoodsCommand): Envelope => ({
    kind: 'goods',
    id: goodsId,
    shard: 0,
    command,
    key: 'k',
    attempt: 1,
  });

  /** A scene whose state is known, and in which orders take over joint commits. */
  async function warmScene(stock: number) {
    const made = scene(stock);
    const { entity } = made;
    await new Promise<void>((resolve) => expect(entity.warm(resolve)).toBe(true));
    const join = (order: string, quantity: number, reply: (answer: Answer) => void = ignore, isStep = true) =>
      entity.join(
        envelopeOf(takeOf(order, quantity)),
        { facts: [taken(order, quantity)], answer: ok({}) },
        reply,
        {
          committer: orders,
          isStep,
        },
      );
    return { ...made, join };
  }

  test('warms what is not known, and only that', async () => {
    const { entity, loads } = await warmScene(5);
    expect(loads).toHaveLength(1);
    expect(entity.warm(ignore)).toBe(false);
    expect(loads).toHaveLength(1);
  });

  test('considers without changing anything, and joins upon what was staged before', async () => {
    const { entity, join } = await warmScene(5);
    expect(entity.consider(takeOf('1', 4), orders)).toMatchObject({ kind: 'accept' });
    expect(entity.consider(takeOf('2', 4), orders)).toMatchObject({ kind: 'accept' });
    expect(join('1', 4).entry).toMatchObject({ id: goodsId, before: { stock: 5 }, after: { stock: 1 } });
    expect(entity.consider(takeOf('2', 4), orders)).toMatchObject({ code: 'SHOP_GOODS_NUM_NOT_ENOUGH' });
    expect(join('2', 1).entry).toMatchObject({ before: { stock: 1 }, after: { stock: 0 } });
    expect(entity.isIdle).toBe(false);
  });

  test('promise 1: its answer waits until it is settled', async () => {
    const { join, run, entity } = await warmScene(5);
    const told: Answer[] = [];
    const { settle } = join('1', 4, (answer) => told.push(answer));
    await run();
    expect(told).toEqual([]);
    settle({ settled: 'applied' });
    await run();
    expect(told).toEqual([ok({})]);
    expect(entity.isIdle).toBe(true);
  });

  test('commands wait until it is settled, so that commits do not overtake each other', async () => {
    const { join, take, run, staged, entity } = await warmScene(5);
    const { settle } = join('1', 4);
    take('2', 1);
    await run();
    expect(staged).toEqual([]);
    expect(entity.consider(takeOf('3', 1), orders)).toBeUndefined();
    settle({ settled: 'applied' });
    await run();
    expect(staged.map(({ entry }) => entry.after?.stock)).toEqual([0]);
  });

  test('is not to be had while the entity has a commit of its own under way', async () => {
    const { take, run, settle, entity } = await warmScene(5);
    take('1', 1);
    await run();
    expect(entity.consider(takeOf('2', 1), orders)).toBeUndefined();
    await settle('applied');
    expect(entity.consider(takeOf('2', 1), orders)).toMatchObject({ kind: 'accept' });
  });

  test.each(['conflict', 'stale', 'withdrawn', 'unavailable'] as const)(
    'R6: one that is %s is forgotten with all that was built on it, and a step is not tried again',
    async (settled) => {
      const { join, run, staged, entity, stock, loads } = await warmScene(5);
      const told: Answer[] = [];
      const first = join('1', 4, (answer) => told.push(answer));
      const second = join('2', 1, (answer) => told.push(answer));
      first.settle({ settled });
      expect(entity.consider(takeOf('3', 1), orders)).toBeUndefined();
      second.settle({ settled: 'withdrawn' });
      stock(3);
      await run();
      expect(told).toEqual([retry('unavailable'), retry('unavailable')]);
      expect(staged).toEqual([]);
      expect(entity.isUntouched).toBe(true);
      await new Promise<void>((resolve) => entity.warm(resolve));
      expect(loads).toHaveLength(2);
      expect(entity.consider(takeOf('3', 4), orders)).toMatchObject({ code: 'SHOP_GOODS_NUM_NOT_ENOUGH' });
    },
  );

  test('what joined as no step is decided again by itself, as a repeat', async () => {
    const { join, run, staged, loads, ledger } = await warmScene(5);
    const { settle } = join('1', 4, ignore, false);
    ledger.set('1', {});
    settle({ settled: 'conflict' });
    await run();
    expect(loads.at(-1)).toEqual([{ id: goodsId, recordKey: '1' }]);
    expect(staged).toMatchObject([{ entry: { facts: [taken('1', 4)] } }]);
  });

  test('is not to be had by another committer while one is under way', async () => {
    const { join, run, entity } = await warmScene(5);
    const { settle } = join('1', 4);
    expect(entity.consider(takeOf('2', 1), {})).toBeUndefined();
    settle({ settled: 'applied' });
    await run();
    expect(entity.consider(takeOf('2', 1), {})).toMatchObject({ kind: 'accept' });
  });

  test('what was given back meanwhile leaves no doubt behind', async () => {
    const { join, run, entity } = await warmScene(5);
    const { settle } = join('1', 4);
    entity.abandon(retry('moving'));
    await new Promise<void>((resolve) => entity.warm(resolve));
    settle({ settled: 'unavailable' });
    await run();
    expect(entity.consider(takeOf('2', 1), orders)).toMatchObject({ kind: 'accept' });
  });

  test('a command that needs its ledger row is not for it', async () => {
    const { entity } = await warmScene(5);
    expect(entity.consider({ type: 'GiveStockBack', orderId: id<OrderId>('1') }, orders)).toBeUndefined();
  });
});

test('an entity keeps nothing of a command that it has answered', async () => {
  const { entity, send, settle } = scene(5);
  send({ type: 'FindGoods' });
  await settle();
  const receive = (): WeakRef<object> => {
    const told: Answer[] = [];
    const command = { type: 'TakeStock', orderId: id<OrderId>('1'), quantity: 1, price };
    const envelope = { kind: 'goods', id: goodsId, shard: 0, command, key: 'k', attempt: 1 } as const;
    entity.receive(envelope, (answer) => void told.push(answer));
    return new WeakRef(told);
  };
  const told = receive();
  await settle();
  expect(told.deref()).toEqual([]);
  await settle('applied');
  expect(told.deref()).toEqual([ok({})]);
  await expect(isCollected(told)).resolves.toBe(true);
});
