import type { Answer, Envelope } from './domain/envelope';
import {
  goodsDecider,
  type Goods,
  type GoodsCommand,
  type GoodsFact,
  type GoodsRecord,
} from './domain/goods';
import { id, type GoodsId, type OrderId } from './domain/ids';
import { money } from './domain/money';
import type { Committer, LoadRequest, Settlement, StoreEntry } from './domain/ports';
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
