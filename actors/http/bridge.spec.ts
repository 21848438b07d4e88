import pino from 'pino';
import type { FrontReply } from '../domain/front-door';
import { Admission } from '../front-door/admission';
import { startBridge, type Bridge } from './bridge';

const logger = pino({ level: 'silent' });
const done: FrontReply = { code: 'SHOP_SUCCESS' };

/** Work that ends when it is told to. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { work: () => opened.then(() => done), open };
}

describe('the bridge', () => {
  let bridge: Bridge;
  beforeEach(() => (bridge = startBridge({ admission: new Admission(300), logger })));
  afterEach(() => bridge.stop(0));

  /** Asks so often in one tick. @returns how many were begun in each turn of the event loop in which any was */
  async function begunByTurn(count: number): Promise<number[]> {
    const turns: number[] = [];
    let turn = 0;
    let isOver = false;
    const next = (): void => {
      turn += 1;
      if (!isOver) setImmediate(next);
    };
    setImmediate(next);
    const begin = (): Promise<FrontReply> => {
      turns[turn] = (turns[turn] ?? 0) + 1;
      return Promise.resolve(done);
    };
    const replies = await Promise.all(Array.from({ length: count }, () => bridge.ask(begin)));
    isOver = true;
    expect(replies).toEqual(Array.from({ length: count }, () => done));
    return turns.filter((begun) => begun > 0);
  }

  test('begins what arrives in one tick in one turn', async () => {
    expect(await begunByTurn(64)).toEqual([64]);
  });

  test('leaves others their turn when much arrives in one tick, and begins all of it', async () => {
    expect(await begunByTurn(256)).toEqual([64, 64, 64, 64]);
  });

  test('does not wait for one request before it begins the next', async () => {
    const slow = gate();
    const waiting = bridge.ask(slow.work);
    await expect(bridge.ask(() => Promise.resolve(done))).resolves.toBe(done);
    slow.open();
    await expect(waiting).resolves.toBe(done);
  });

  test('answers busy at once above its bound, and takes work again when some has ended', async () => {
    const small = startBridge({ admission: new Admission(2), logger });
    const slow = gate();
    const taken = [small.ask(slow.work), small.ask(slow.work)];
    await expect(small.ask(() => Promise.resolve(done))).resolves.toEqual({ code: 'SHOP_BUSY' });
    expect(small.inFlight).toBe(2);
    slow.open();
    await Promise.all(taken);
    expect(small.inFlight).toBe(0);
    await expect(small.ask(() => Promise.resolve(done))).resolves.toBe(done);
    await small.stop(0);
  });

  test('hands failures on, thrown or rejected, and goes on', async () => {
    const thrown = bridge.ask(() => {
      throw new Error('thrown');
    });
    const rejected = bridge.ask(() => Promise.reject(new Error('rejected')));
    const next = bridge.ask(() => Promise.resolve(done));
    await expect(thrown).rejects.toThrow('thrown');
    await expect(rejected).rejects.toThrow('rejected');
    await expect(next).resolves.toBe(done);
    expect(bridge.inFlight).toBe(0);
  });

  test('stops when what is under way has ended, and refuses the rest', async () => {
    const slow = gate();
    const waiting = bridge.ask(slow.work);
    let hasStopped = false;
    const stopped = bridge.stop(60_000).then(() => (hasStopped = true));
    await expect(bridge.ask(() => Promise.resolve(done))).resolves.toEqual({ code: 'SHOP_BUSY' });
    expect(hasStopped).toBe(false);
    slow.open();
    await expect(waiting).resolves.toBe(done);
    await stopped;
  });

  test('stops after its time even if something never ends', async () => {
    void bridge.ask(() => new Promise(() => undefined));
    await bridge.stop(1);
    expect(bridge.inFlight).toBe(1);
  });
});
