import fc from 'fast-check';
import { given } from '../../test/helpers/given';
import { AT, classicOrder } from '../../test/helpers/orders';
import type { Code } from './codes';
import { fault, ok, refused, retry, type Answer } from './envelope';
import { id, type GoodsId, type PayId, type UserId } from './ids';
import { plusMs } from './instant';
import { money } from './money';
import { orderDecider, type OrderCommand } from './order';
import { neededBy, stepsOf } from './order-saga';
import type { Order } from './order-state';

const payId = id<PayId>('800000000000000001');
const couponAnswer = ok({ price: money('20') });
const allGood: readonly Answer[] = [ok({}), ok({}), couponAnswer];

const placed = (): Order => {
  const order = given(orderDecider, undefined).when(classicOrder()).state();
  if (!order) throw new Error('the classic order is placed');
  return order;
};
const answered = (answers: readonly Answer[], round = 1): OrderCommand => ({
  type: 'StepsAnswered',
  round,
  answers,
  at: AT,
});
const after = (order: Order, ...commands: OrderCommand[]): Order =>
  commands.reduce((state, command) => given(orderDecider, state).when(command).state() ?? state, order);
const confirmed = (): Order => after(placed(), answered(allGood));
const paying = (): Order => after(confirmed(), { type: 'OpenPayment', payId, amount: money('4780'), at: AT });
const paid = (): Order => after(confirmed(), { type: 'MarkPaid', payId, amount: money('4780'), at: AT });

describe('placing', () => {
  test('saves the intention, then asks every step at once', () => {
    const { decision } = given(orderDecider, undefined).when(classicOrder());
    expect(decision).toMatchObject({
      kind: 'accept',
      facts: [{ type: 'OrderPlaced', order: { status: 0, attempts: 1, version: 1 } }],
      followUps: [
        {
          then: 'gather',
          asks: [
            { to: { kind: 'goods' }, command: { type: 'TakeStock', quantity: 1, price: '5000.00' } },
            { to: { kind: 'wallet' }, command: { type: 'TakeMoney', amount: '200.00' } },
            { to: { kind: 'coupon' }, command: { type: 'UseCoupon' } },
          ],
        },
      ],
    });
    expect(decision).not.toHaveProperty('answer');
  });

  const line = classicOrder().lines[0];
  const twoPrices = [line, { ...line, price: money('1') }] as const;
  const refusals: [string, Parameters<typeof classicOrder>[0], Code][] = [
    [
      'a wrong shipping fee before a wrong amount',
      { shippingFee: money('10'), orderAmount: money('1') },
      'SHOP_ORDER_SHIPPINGFEE_INVALID',
    ],
    [
      'fault 1: an amount without its shipping',
      {
        lines: [{ ...line, price: money('50') }],
        shippingFee: money('10'),
        orderAmount: money('50'),
        moneyPaid: money('0'),
      },
      'SHOP_ORDERAMOUNT_INVALID',
    ],
    [
      'an amount that a column cannot hold',
      {
        lines: [{ ...line, quantity: 1_000_000, price: money('99999999.99') }],
        orderAmount: money('99999999.99'),
      },
      'SHOP_ORDERAMOUNT_INVALID',
    ],
    ['wallet money below zero', { moneyPaid: money('-1') }, 'SHOP_MONEY_PAID_LESS_ZERO'],
    ['more wallet money than is due', { moneyPaid: money('5000.01') }, 'SHOP_MONEY_PAID_INVALID'],
    [
      'two prices of the same goods',
      { lines: twoPrices, orderAmount: money('5001'), moneyPaid: money('-1') },
      'SHOP_GOODS_PRICE_INVALID',
    ],
    [
      'a wrong amount before two prices of the same goods',
      { lines: twoPrices, orderAmount: money('5000') },
      'SHOP_ORDERAMOUNT_INVALID',
    ],
  ];
  test.each(refusals)('refuses %s, without a row', (_what, changes, code) => {
    given(orderDecider, undefined).when(classicOrder(changes)).thenRefused(code);
  });

  test('lines of the same goods are one before stock is compared', () => {
    const other = id<GoodsId>('9');
    const lines = [line, { ...line, goodsId: other }, line] as const;
    const order = given(orderDecider, undefined)
      .when(classicOrder({ lines: [lines[0], lines[1], lines[2]], orderAmount: money('15000') }))
      .state();
    expect(order?.lines).toEqual([
      { ...line, goodsId: other },
      { ...line, quantity: 2 },
    ]);
  });

  test('R15: the same key and body is the standing order, another body a conflict', () => {
    const standing = { orderId: placed().orderId, requestHash: 'hash' };
    const again = classicOrder({ requestKey: 'k' });
    expect(given(orderDecider, undefined, standing).when(again).decision).toMatchObject({
      kind: 'unchanged',
      answer: { data: { standing: standing.orderId } },
    });
    given(orderDecider, undefined, standing)
      .when({ ...again, requestHash: 'other' })
      .thenRefused('SHOP_ORDER_KEY_CONFLICT');
  });

  test.each([
    classicOrder(),
    classicOrder({
      couponId: undefined,
      lines: [{ ...line, goodsId: id<GoodsId>('9') }, line],
      orderAmount: money('10000'),
    }),
  ])('who is needed is who the steps ask', (command) => {
    const order = given(orderDecider, undefined).when(command).state()!;
    expect(neededBy(command)).toEqual(stepsOf(order, AT).map(({ to }) => to));
  });

  test.each([{ userId: id<UserId>('2') }, { at: '2026-01-01T00:00:00.001Z' }, { requestHash: 'other' }])(
    'R17: an id that was given twice shows nobody the order of another (%j)',
    (other) => {
      given(orderDecider, confirmed()).when(classicOrder(other)).thenRefused('SHOP_ORDER_SAVE_ERROR');
    },
  );

  test('a repeat waits for the end, and gets it once it is there', () => {
    expect(given(orderDecider, placed()).when(classicOrder()).decision.kind).toBe('park');
    expect(given(orderDecider, confirmed()).when(classicOrder()).decision).toMatchObject({
      kind: 'unchanged',
      answer: { outcome: 'ok' },
    });
  });
});

describe('the saga', () => {
  test('confirms when every step said yes', () => {
    expect(confirmed()).toMatchObject({
      status: 1,
      payStatus: 0,
      couponPaid: '20.00',
      payAmount: '4780.00',
      confirmTime: AT,
    });
  });

  test('an order that needs no payment is paid at once', () => {
    const order = given(orderDecider, undefined)
      .when(classicOrder({ couponId: undefined, moneyPaid: money('5000') }))
      .state();
    expect(
      given(orderDecider, order)
        .when(answered([ok({}), ok({})]))
        .state(),
    ).toMatchObject({ status: 1, payStatus: 2, payAmount: '0.00' });
  });

  const ends: [string, Answer[], 2 | 3, Code][] = [
    [
      'no stock',
      [refused('SHOP_GOODS_NUM_NOT_ENOUGH'), ok({}), couponAnswer],
      2,
      'SHOP_GOODS_NUM_NOT_ENOUGH',
    ],
    ['unknown goods', [refused('SHOP_GOODS_NO_EXIST', true), ok({}), couponAnswer], 3, 'SHOP_GOODS_NO_EXIST'],
    ['a used coupon', [ok({}), ok({}), refused('SHOP_COUPON_INVALIED')], 2, 'SHOP_COUPON_INVALIED'],
    [
      "fault 3: another user's coupon",
      [ok({}), ok({}), refused('SHOP_COUPON_INVALIED', true)],
      3,
      'SHOP_COUPON_INVALIED',
    ],
    [
      'several, the first code in precedence',
      [
        refused('SHOP_GOODS_NUM_NOT_ENOUGH'),
        refused('SHOP_MONEY_PAID_INVALID'),
        refused('SHOP_COUPON_NO_EXIST', true),
      ],
      2,
      'SHOP_GOODS_NUM_NOT_ENOUGH',
    ],
    [
      'a refusal beside a fault',
      [fault('crash'), refused('SHOP_MONEY_PAID_INVALID'), couponAnswer],
      2,
      'SHOP_MONEY_PAID_INVALID',
    ],
    [
      'coupon and wallet above the amount',
      [ok({}), ok({}), ok({ price: money('4800.01') })],
      2,
      'SHOP_MONEY_PAID_INVALID',
    ],
    [
      'a participant away until the deadline',
      [retry('unavailable'), ok({}), couponAnswer],
      2,
      'SHOP_REDUCE_GOODS_NUM_FAIL',
    ],
  ];
  test.each(ends)('ends with %s', (_what, answers, status, code) => {
    given(orderDecider, placed()).when(answered(answers)).thenFacts({ type: 'OrderEnded', status, code });
  });

  test('promise 3: three attempts, each committed before it is tried, then it is given up', () => {
    const silent = [ok({}), fault('silent'), couponAnswer];
    let order = placed();
    for (const round of [1, 2]) {
      const { decision } = given(orderDecider, order).when(answered(silent, round));
      expect(decision).toMatchObject({ kind: 'unchanged', followUps: [{ then: 'later' }] });
      const retried = given(orderDecider, order).when({ type: 'TrySteps', after: round, at: AT });
      retried.thenFacts({ type: 'AttemptBegun', attempts: round + 1, nextAttemptTime: plusMs(AT, 60_000) });
      order = retried.state() ?? order;
    }
    given(orderDecider, order)
      .when(answered(silent, 3))
      .thenFacts({ type: 'OrderEnded', status: 2, code: 'SHOP_USER_MONEY_REDUCE_FAIL' });
    given(orderDecider, order)
      .when({ type: 'TrySteps', after: 3, at: AT })
      .thenFacts({ type: 'OrderEnded', status: 2, code: 'SHOP_ORDER_CONFIRM_FAIL' });
  });

  test('R10: however often it is told to go on after a round, one other follows', () => {
    const second = after(placed(), { type: 'TrySteps', after: 1, at: AT });
    given(orderDecider, second).when({ type: 'TrySteps', after: 1, at: AT }).thenUnchanged();
    const third = after(second, { type: 'TrySteps', after: 2, at: AT });
    for (const round of [1, 2]) {
      given(orderDecider, third).when({ type: 'TrySteps', after: round, at: AT }).thenUnchanged();
    }
  });

  test('answers of an earlier round, or after the end, change nothing', () => {
    const second = after(placed(), { type: 'TrySteps', after: 1, at: AT });
    given(orderDecider, second).when(answered(allGood, 1)).thenUnchanged();
    given(orderDecider, confirmed())
      .when(answered([fault('x'), ok({}), ok({})]))
      .thenUnchanged();
  });
});

describe('paying', () => {
  test('one open payment an order', () => {
    const other = id<PayId>('9');
    expect(
      given(orderDecider, paying()).when({ type: 'OpenPayment', payId: other, amount: money('4780'), at: AT })
        .decision,
    ).toMatchObject({
      kind: 'unchanged',
      answer: { data: { payId } },
    });
  });

  const refusals: [string, () => Order, OrderCommand, Code][] = [
    [
      'fault 10: another amount',
      confirmed,
      { type: 'OpenPayment', payId, amount: money('1'), at: AT },
      'SHOP_PAYMENT_AMOUNT_INVALID',
    ],
    [
      'a paid order',
      paid,
      { type: 'OpenPayment', payId, amount: money('4780'), at: AT },
      'SHOP_PAYMENT_IS_PAID',
    ],
    [
      'an expired order',
      confirmed,
      { type: 'OpenPayment', payId, amount: money('4780'), at: plusMs(AT, 30 * 60_000) },
      'SHOP_PAYMENT_PAY_ERROR',
    ],
    [
      'fault 12: money for a cancelled order',
      () => after(confirmed(), { type: 'CancelOrder' }),
      { type: 'MarkPaid', payId, amount: money('4780'), at: AT },
      'SHOP_PAYMENT_PAY_ERROR',
    ],
    [
      'fault 13: a second payment',
      paid,
      { type: 'MarkPaid', payId: id<PayId>('9'), amount: money('4780'), at: AT },
      'SHOP_PAYMENT_IS_PAID',
    ],
    ['cancelling a paid order', paid, { type: 'CancelOrder' }, 'SHOP_ORDER_STATUS_UPDATE_FAIL'],
    ['refunding an unpaid order', confirmed, { type: 'RefundOrder' }, 'SHOP_ORDER_STATUS_UPDATE_FAIL'],
    [
      'R16: refunding it for a payment that is not its own, and goes back by itself',
      paid,
      { type: 'RefundOrder', payId: id<PayId>('9') },
      'SHOP_PAYMENT_PAY_ERROR',
    ],
    [
      'R16: refunding a shipped order',
      () => after(paid(), { type: 'ShipOrder' }),
      { type: 'RefundOrder' },
      'SHOP_ORDER_STATUS_UPDATE_FAIL',
    ],
    ['shipping an unpaid order', confirmed, { type: 'ShipOrder' }, 'SHOP_ORDER_STATUS_UPDATE_FAIL'],
  ];
  test.each(refusals)('refuses %s', (_what, order, command, code) => {
    given(orderDecider, order()).when(command).thenRefused(code);
  });

  test('a payment and the expiry of its order end either paid or expired', () => {
    const late = plusMs(AT, 30 * 60_000);
    expect(after(paying(), { type: 'ExpireOrder', at: late })).toMatchObject({
      status: 2,
      failCode: 'SHOP_ORDER_EXPIRED',
    });
    given(orderDecider, paid()).when({ type: 'ExpireOrder', at: late }).thenUnchanged();
    given(orderDecider, paying()).when({ type: 'ExpireOrder', at: AT }).thenUnchanged();
  });

  test('not yet: an order that is being placed is neither cancelled nor paid', () => {
    for (const command of [
      { type: 'CancelOrder' },
      { type: 'MarkPaid', payId, amount: money('1'), at: AT },
    ] as OrderCommand[]) {
      expect(given(orderDecider, placed()).when(command).decision.kind).toBe('wait');
    }
  });
});

describe('any order of deliveries, doubled and late, ends legal', () => {
  const answer = fc.constantFrom<Answer>(
    ok({}),
    fault('x'),
    retry('unavailable'),
    refused('SHOP_GOODS_NUM_NOT_ENOUGH'),
  );
  const round = fc.integer({ min: 1, max: 3 });
  const pay = fc.constantFrom(payId, id<PayId>('9'));
  const amount = fc.constantFrom(money('4780'), money('1'));
  const command: fc.Arbitrary<OrderCommand> = fc.oneof(
    fc.tuple(round, answer, answer).map(([r, goods, wallet]) => answered([goods, wallet, couponAnswer], r)),
    round.map((r) => answered(allGood, r)),
    round.map((r): OrderCommand => ({ type: 'TrySteps', after: r, at: AT })),
    fc.constant<OrderCommand>({ type: 'CancelOrder' }),
    fc.constantFrom(AT, plusMs(AT, 3_600_000)).map((at): OrderCommand => ({ type: 'ExpireOrder', at })),
    fc.constant<OrderCommand>({ type: 'RefundOrder' }),
    fc.constant<OrderCommand>({ type: 'ShipOrder' }),
    fc
      .tuple(pay, amount)
      .map(([one, due]): OrderCommand => ({ type: 'OpenPayment', payId: one, amount: due, at: AT })),
    fc
      .tuple(pay, amount)
      .map(([one, due]): OrderCommand => ({ type: 'MarkPaid', payId: one, amount: due, at: AT })),
    pay.map((one): OrderCommand => ({ type: 'ClosePayment', payId: one })),
    fc.boolean().map((failed): OrderCommand => ({ type: 'FinishCompensation', failed })),
  );

  test('an end is for good, a paid order stays paid by the same payment, and every commit counts', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        let order = placed();
        for (const one of commands) {
          const { decision, state } = given(orderDecider, order).when(one);
          const next = state() ?? order;
          const facts = decision.kind === 'accept' ? decision.facts.length : 0;
          expect(next.version).toBe(order.version + facts);
          if (order.status >= 2) expect(next.status).toBe(order.status);
          if (order.status !== 0) expect(next.status).not.toBe(0);
          if (order.payStatus === 2) expect(next).toMatchObject({ payStatus: 2, payId: order.payId });
          if (next.payStatus === 2) expect([1, 4]).toContain(next.status);
          if (next.status === 2 || next.status === 3) expect(next.failCode).toBeDefined();
          expect(next.attempts).toBeLessThanOrEqual(3);
          order = next;
        }
      }),
    );
  });
});
