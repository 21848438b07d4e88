// One group's consumption of events, over the real inbox: attempts, waiting, parking, poison.
import pino from 'pino';
import { fault, ok, type Answer } from '../../actors/domain/envelope';
import { RetryableError } from '../../actors/domain/errors';
import type { Group } from '../../actors/domain/events';
import type { Inbox } from '../../actors/domain/ports/inbox';
import type { Delivery, DeliveryVerdict } from '../../actors/domain/ports/transport';
import { createDeadLetters } from '../../persistence/dead-letters';
import { createInbox } from '../../persistence/inbox';
import { WAIT_MS } from '../../supervisors/attempts';
import { createEventConsumer } from '../../supervisors/event-consumer';
import { orderCancelHandlers } from '../../supervisors/handlers/order-cancel';
import type { EventHandler, Part, PartOutcome, Resolution } from '../../supervisors/resolution';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { until } from '../helpers/until';

const group: Group = {
  name: 'order_orderTopic_cancel_goods_group',
  topic: 'orderTopic',
  tag: 'order_cancel',
  home: 'goods',
};

const clock = {
  now: () => new Date().toISOString(),
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  // Only what waits for the database is done again, at once.
  later: (ms: number, run: () => void) => {
    if (ms === WAIT_MS) setImmediate(run);
    return () => undefined;
  },
};

let orders = 0;
/** Every test has an order of its own, so that they share a database. */
const nextOrder = (): string => String(++orders);

const delivery = (body: unknown, redelivered = false): Delivery => ({
  messageId: `m-${orders}`,
  tag: 'order_cancel',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  redelivered,
  stillWorking: () => undefined,
});

describe.each(DATABASES)('on $name', ({ open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.drop());

  const scene = (
    resolve: () => Resolution,
    {
      takeDone = (): boolean => false,
      inbox = createInbox(database.reader),
      ...more
    }: Partial<EventHandler> & { takeDone?: () => boolean; inbox?: Inbox } = {},
  ) => {
    const onParked = jest.fn(() => Promise.resolve());
    const outcomes: string[] = [];
    const handler: EventHandler = {
      keysOf: (body) => [String(body['orderId'])],
      resolve: () => Promise.resolve(resolve()),
      onParked,
      ...more,
    };
    const consume = createEventConsumer({
      group,
      handler,
      inbox,
      takeDone,
      clock,
      logger: pino({ level: 'silent' }),
      isStopping: () => false,
      onOutcome: (_group, outcome) => outcomes.push(outcome),
    });
    const state = async (key: string) => (await inbox.states(group.name, group.tag, [key])).get(key);
    return { consume, outcomes, state, onParked };
  };

  it('R1: an event whose owner cannot be asked now comes again, and no attempt is burnt', async () => {
    const { consume, outcomes, state } = scene(() => ({ resolved: 'wait', reason: 'busy' }));
    const orderId = nextOrder();
    for (const again of [false, true])
      expect(await consume(delivery({ orderId }, again))).toEqual({ verdict: 'again', afterMs: WAIT_MS });
    expect(outcomes).toEqual(['wait', 'wait']);
    expect(await state(orderId)).toBeUndefined();
  });

  it('reads nothing of an event that is known to be done', async () => {
    const resolve = jest.fn();
    const { consume, outcomes } = scene(resolve, { takeDone: () => true });
    for (const again of [false, true])
      expect(await consume(delivery('no JSON', again))).toEqual({ verdict: 'done' });
    expect(resolve).not.toHaveBeenCalled();
    expect(outcomes).toEqual(['done', 'done']);
  });

  const parts = (...list: Part[]): Resolution => ({ resolved: 'parts', parts: list });
  const part = (key: string, run: (attempt: number) => PartOutcome): Part => ({
    key,
    run: (_claim, attempt) => Promise.resolve(run(attempt)),
  });
  const failed: PartOutcome = { part: 'failed', remark: 'no' };

  test('fault 6: what fails is tried three times, counted in the database, then it is a dead letter', async () => {
    const orderId = nextOrder();
    const runs = jest.fn(() => failed);
    const { consume, outcomes, state, onParked } = scene(() => parts(part(orderId, runs)));
    const verdicts = [];
    for (const redelivered of [false, true, true]) {
      verdicts.push(await consume(delivery({ orderId }, redelivered)));
    }
    expect(verdicts).toEqual([
      { verdict: 'again', afterMs: 1_000 },
      { verdict: 'again', afterMs: 5_000 },
      { verdict: 'done' },
    ]);
    expect(onParked).toHaveBeenCalledTimes(1);
    // Asking what to do may have begun it anew, so it is told again that it was given up.
    expect(await consume(delivery({ orderId }, true))).toEqual({ verdict: 'done' });
    expect(onParked).toHaveBeenCalledTimes(2);
    expect(runs).toHaveBeenCalledTimes(3);
    expect(outcomes).toEqual(['failed', 'failed', 'parked']);
    expect(await state(orderId)).toBe('parked');
    const letters = await createDeadLetters(database.reader).list(100);
    expect(letters.find((letter) => letter.key === orderId)).toMatchObject({ attempts: 3, remark: 'no' });
  });

  test('R10: what waits burns no attempt, though the database is away when that is taken back', async () => {
    const orderId = nextOrder();
    const outages = 4;
    let left = 0;
    const inbox = createInbox(database.reader);
    const unclaim: Inbox['unclaim'] = (key) =>
      (left -= 1) >= 0 ? Promise.reject(new RetryableError('away')) : inbox.unclaim(key);
    const { consume, state } = scene(() => parts(part(orderId, () => ({ part: 'wait', reason: 'away' }))), {
      inbox: { ...inbox, unclaim },
    });
    for (let wait = 0; wait < outages; wait += 1) {
      left = 2;
      expect(await consume(delivery({ orderId }, true))).toEqual({ verdict: 'again', afterMs: WAIT_MS });
    }
    expect(await state(orderId)).toBe('running');
    const read = {
      name: '',
      text: 'select consumer_times as times from trade_mq_consumer_log where msg_key = $1',
    };
    expect(await database.reader.query(read, [orderId])).toEqual([{ times: 0 }]);
  });

  test('of several copies of an event one is tried, and the others come again', async () => {
    const orderId = nextOrder();
    let end: (outcome: PartOutcome) => void = () => undefined;
    const ended = new Promise<PartOutcome>((resolve) => (end = resolve));
    const run = jest.fn(() => ended);
    const { consume, state, onParked } = scene(() => parts({ key: orderId, run }));
    const verdicts: DeliveryVerdict[] = [];
    const copies = Array.from({ length: 5 }, async () => {
      verdicts.push(await consume(delivery({ orderId }, true)));
    });
    await until('the others are put off', () => verdicts.length === 4 && run.mock.calls.length === 1);
    end({ part: 'wait', reason: 'the platform is away' });
    await Promise.all(copies);
    expect(verdicts).toEqual(Array.from({ length: 5 }, () => ({ verdict: 'again', afterMs: WAIT_MS })));
    expect(run).toHaveBeenCalledTimes(1);
    expect([await state(orderId), onParked.mock.calls]).toEqual(['running', []]);
  });

  test('R11: an event is not over while one of its lines is not, whoever cannot find them out', async () => {
    const orderId = nextOrder();
    const lines = [1, 2, 3].map((line) => `${orderId}:${line}`);
    const done = (key: string) => part(key, () => ({ part: 'without-effect' }));
    const [first = '', second = '', third = ''] = lines;
    const silent: Resolution = { resolved: 'failed', remark: 'no answer in time' };
    const now: { resolution: Resolution } = {
      resolution: parts(
        done(first),
        part(second, () => failed),
        part(third, () => failed),
      ),
    };
    const { consume, state } = scene(() => now.resolution, { keysOf: () => lines });
    expect(await consume(delivery({ orderId }))).toMatchObject({ verdict: 'again' });
    now.resolution = silent;
    expect(await consume(delivery({ orderId }, true))).toMatchObject({ verdict: 'again' });
    now.resolution = parts(...lines.map(done));
    expect(await consume(delivery({ orderId }, true))).toEqual({ verdict: 'done' });
    expect(await Promise.all(lines.map(state))).toEqual(['done', 'done', 'done']);
    // A straggler who finds nothing out leaves no trace any more.
    now.resolution = silent;
    expect(await consume(delivery({ orderId }))).toEqual({ verdict: 'done' });
  });

  test('what nobody knows is given up under a key of its own, without a word to its owner, until it is known', async () => {
    const orderId = nextOrder();
    const unknown: Resolution = { resolved: 'unknown', remark: 'who?' };
    const now: { resolution: Resolution } = { resolution: unknown };
    const keyWhileUnknown = () => `unknown:${orderId}`;
    const { consume, state, onParked, outcomes } = scene(() => now.resolution, {
      keyWhileUnknown,
    });
    for (const redelivered of [false, true, true]) await consume(delivery({ orderId }, redelivered));
    expect(outcomes).toEqual(['failed', 'failed', 'parked']);
    expect([await state(orderId), await state(keyWhileUnknown())]).toEqual([undefined, 'parked']);
    const letters = createDeadLetters(database.reader);
    expect(await letters.redrive({ key: keyWhileUnknown() }, clock.now())).toBe(1);
    now.resolution = parts(part(orderId, () => ({ part: 'without-effect' })));
    expect(await consume(delivery({ orderId }))).toEqual({ verdict: 'done' });
    expect([await state(orderId), await state(keyWhileUnknown())]).toEqual(['done', undefined]);
    expect(onParked).not.toHaveBeenCalled();
  });

  test('R10: what has to wait burns no attempt', async () => {
    const orderId = nextOrder();
    const answers: PartOutcome[] = [
      ...Array<PartOutcome>(5).fill({ part: 'wait', reason: 'away' }),
      failed,
      failed,
    ];
    const { consume, outcomes } = scene(() => parts(part(orderId, () => answers.shift() ?? failed)));
    await consume(delivery({ orderId }));
    for (let turn = 0; turn < 6; turn++) await consume(delivery({ orderId }, true));
    expect(outcomes).toEqual([...Array<string>(5).fill('wait'), 'failed', 'failed']);
    expect(await consume(delivery({ orderId }, true))).toEqual({ verdict: 'done' });
    expect(outcomes.at(-1)).toBe('parked');
  });

  test('R11: lines are counted by themselves, and what is done is not run again', async () => {
    const orderId = nextOrder();
    const [good, bad] = [jest.fn((): PartOutcome => ({ part: 'without-effect' })), jest.fn(() => failed)];
    const { consume, state } = scene(() => parts(part(`${orderId}:1`, good), part(`${orderId}:2`, bad)));
    expect(await consume(delivery({ orderId }))).toMatchObject({ verdict: 'again' });
    await consume(delivery({ orderId }, true));
    expect(await consume(delivery({ orderId }, true))).toEqual({ verdict: 'done' });
    expect(good).toHaveBeenCalledTimes(1);
    expect(bad).toHaveBeenCalledTimes(3);
    expect([await state(`${orderId}:1`), await state(`${orderId}:2`)]).toEqual(['done', 'parked']);
  });

  test.each([
    ['comes again', true],
    ['was re-driven', false],
  ])(
    'R11: an event that could not be asked about and %s is not counted beside its lines',
    async (_, again) => {
      const orderId = nextOrder();
      const answers: Resolution[] = [{ resolved: 'failed', remark: 'no answer in time' }];
      const done = parts(part(`${orderId}:1`, () => ({ part: 'without-effect' })));
      const { consume, state } = scene(() => answers.shift() ?? done);
      expect(await consume(delivery({ orderId }))).toMatchObject({ verdict: 'again' });
      expect(await state(orderId)).toBe('running');
      expect(await consume(delivery({ orderId }, again))).toEqual({ verdict: 'done' });
      expect([await state(orderId), await state(`${orderId}:1`)]).toEqual([undefined, 'done']);
    },
  );

  test('R11: who fails to find the lines out after they are done leaves no trace', async () => {
    const orderId = nextOrder();
    const lines = [{ goodsId: '1', goodsNumber: 1 }];
    let fail: (answer: Answer) => void = () => undefined;
    const silence = new Promise<Answer>((resolve) => (fail = resolve));
    const found = Promise.resolve(ok({ orderId, lines: lines.map(({ goodsId }) => ({ goodsId })) }));
    const answers = [silence, found];
    const inbox = createInbox(database.reader);
    const handlers = orderCancelHandlers({
      router: {
        ask: async ({ kind, inbox: claim }) => {
          if (kind === 'order') return answers.shift() ?? found;
          if (claim) await inbox.finish(claim, clock.now());
          return ok({});
        },
      },
      clock,
      gatewayOf: () => undefined,
    });
    const consume = createEventConsumer({
      group,
      handler: handlers.order_orderTopic_cancel_goods_group,
      inbox,
      takeDone: () => false,
      clock,
      logger: pino({ level: 'silent' }),
      isStopping: () => false,
      onOutcome: () => undefined,
    });
    const body = { orderId, userId: '1', lines };
    const straggler = consume(delivery(body));
    expect(await consume(delivery(body, true))).toEqual({ verdict: 'done' });
    fail(fault('no answer in time'));
    expect(await straggler).toEqual({ verdict: 'done' });
    const states = await inbox.states(group.name, group.tag, [orderId, `${orderId}:1`]);
    expect([...states]).toEqual([[`${orderId}:1`, 'done']]);
  });

  test("R1: a 'no' leaves no trace, so that the same event may be true one day", async () => {
    const orderId = nextOrder();
    const { consume, state } = scene(() => ({ resolved: 'ignored' }));
    expect(await consume(delivery({ orderId }))).toEqual({ verdict: 'done' });
    expect(await state(orderId)).toBeUndefined();
  });

  test("R1: an unknown id is a failure, and 'not yet' waits", async () => {
    const orderId = nextOrder();
    const answers: Resolution[] = [
      { resolved: 'wait', reason: 'not-yet' },
      { resolved: 'failed', remark: 'SHOP_ORDER_NO_EXIST' },
      { resolved: 'failed', remark: 'SHOP_ORDER_NO_EXIST' },
      { resolved: 'failed', remark: 'SHOP_ORDER_NO_EXIST' },
    ];
    const { consume, outcomes, state } = scene(() => answers.shift() ?? { resolved: 'ignored' });
    await consume(delivery({ orderId }));
    for (let turn = 0; turn < 3; turn++) await consume(delivery({ orderId }, true));
    expect(outcomes).toEqual(['wait', 'failed', 'failed', 'parked']);
    expect(await state(orderId)).toBe('parked');
  });

  test.each([
    '',
    'not JSON',
    '[]',
    '{}',
    '{"orderId":-1}',
    '{"orderId":"1\\u0000"}',
    '{"orderId":"99999999999999999999"}',
  ])('a body that does not fit is a dead letter at once: %j', async (body) => {
    nextOrder();
    const { consume, outcomes } = scene(() => ({ resolved: 'ignored' }));
    expect(await consume(delivery(body))).toEqual({ verdict: 'done' });
    expect(outcomes).toEqual(['parked']);
    const letters = await createDeadLetters(database.reader).list(100);
    expect(letters.find((letter) => letter.key === `poison:m-${orders}`)?.body).toBe(body);
  });
});
